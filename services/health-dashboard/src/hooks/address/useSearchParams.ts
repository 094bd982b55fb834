/** The parameters of the address: filters and period are kept there, so that a reload or a shared link has the same ones. */
import { useLocation } from "@/hooks/address/useLocation";
import { currentPlace, navigate } from "@/lib/router";
import { useMemo } from "react";

type Change = URLSearchParams | Readonly<Record<string, string>> | ((current: URLSearchParams) => URLSearchParams | Readonly<Record<string, string>>);

/** Return the parameters and a function that changes them: as a new history entry, or with `replace` in the current one. */
export function useSearchParams(): [URLSearchParams, (change: Change, options?: { readonly replace?: boolean }) => void] {
  const { search } = useLocation();
  return [useMemo(() => new URLSearchParams(search), [search]), setSearchParams];
}

function setSearchParams(change: Change, options?: { readonly replace?: boolean }): void {
  const { pathname, search } = currentPlace();
  const changed = new URLSearchParams(typeof change === "function" ? change(new URLSearchParams(search)) : change).toString();
  navigate(changed === "" ? pathname : `${pathname}?${changed}`, options);
}

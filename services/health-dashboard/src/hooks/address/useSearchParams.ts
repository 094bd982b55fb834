/** The parameters in the page's address: filters and the period live there, so that a reload or a shared link keeps them. */
import { useLocation } from "@/hooks/address/useLocation";
import { currentPlace, navigate } from "@/lib/router";
import { useMemo } from "react";

type Change = URLSearchParams | Readonly<Record<string, string>> | ((current: URLSearchParams) => URLSearchParams | Readonly<Record<string, string>>);

/** The parameters, and how they are changed: a new entry of the history, or with `replace` none. */
export function useSearchParams(): [URLSearchParams, (change: Change, options?: { readonly replace?: boolean }) => void] {
  const { search } = useLocation();
  return [useMemo(() => new URLSearchParams(search), [search]), setSearchParams];
}

function setSearchParams(change: Change, options?: { readonly replace?: boolean }): void {
  const { pathname, search } = currentPlace();
  const changed = new URLSearchParams(typeof change === "function" ? change(new URLSearchParams(search)) : change).toString();
  navigate(changed === "" ? pathname : `${pathname}?${changed}`, options);
}

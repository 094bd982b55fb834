/** A filter that is kept in the page's address; a change begins at the first page of the list. */
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { useCallback } from "react";

/**
 * The value, empty where there is none, and how it is changed. Each change is a step that Back undoes, unless it
 * `replaces`, as each letter of a search does.
 */
export function useFilterParam(name: string, { replaces = false } = {}): [string, (value: string) => void] {
  const [search, setSearch] = useSearchParams();
  const change = useCallback(
    (value: string) => {
      setSearch(
        (current) => {
          const next = new URLSearchParams(current);
          next.delete("cursor");
          if (value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: replaces },
      );
    },
    [name, replaces, setSearch],
  );
  return [search.get(name) ?? "", change];
}

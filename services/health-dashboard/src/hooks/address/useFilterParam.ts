/** A filter kept in the address; a change returns to the first page of the list. */
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { useCallback } from "react";

/**
 * Return the value, empty if there is none, and a function that changes it. Each change is a step that Back undoes, unless it `replaces` the entry, as each
 * letter of a search does.
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

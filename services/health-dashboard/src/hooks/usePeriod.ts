/** The time that the page covers, kept in its address: a reload or a shared link shows the same. */
import type { TimeChoice } from "@/types/period";
import { readTimeChoice, withTimeChoice } from "@/utils/timeChoice";
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

/** The choice, and how it is changed; each change is a step that the browser's Back undoes. */
export function usePeriod(): [TimeChoice, (choice: TimeChoice) => void] {
  const [search, setSearch] = useSearchParams();
  const key = search.toString();
  const choice = useMemo(() => readTimeChoice(new URLSearchParams(key)), [key]);
  const choose = useCallback(
    (chosen: TimeChoice) => {
      setSearch((current) => withTimeChoice(current, chosen), { preventScrollReset: true });
    },
    [setSearch],
  );
  return [choice, choose];
}

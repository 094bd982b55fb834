/** The time that the page covers, kept in its address: a reload or a shared link shows the same. */
import { useSearchParams } from "@/hooks/useSearchParams";
import type { TimeChoice } from "@/types/period";
import { readTimeChoice, withTimeChoice } from "@/utils/timeChoice";
import { useCallback, useMemo } from "react";

/** The choice, and how it is changed; each change is a step that the browser's Back undoes. */
export function usePeriod(): [TimeChoice, (choice: TimeChoice) => void] {
  const [search, setSearch] = useSearchParams();
  const key = search.toString();
  const choice = useMemo(() => readTimeChoice(new URLSearchParams(key)), [key]);
  const choose = useCallback(
    (chosen: TimeChoice) => {
      setSearch((current) => withTimeChoice(current, chosen));
    },
    [setSearch],
  );
  return [choice, choose];
}

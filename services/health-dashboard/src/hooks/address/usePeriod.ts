/** The time range of the page, kept in the address, so that a reload or a shared link has the same one. */
import { useSearchParams } from "@/hooks/address/useSearchParams";
import type { Period, TimeChoice } from "@/types/period";
import { DEFAULT_PERIOD, readTimeChoice, withTimeChoice } from "@/utils/time/timeChoice";
import { useCallback, useMemo } from "react";

/** Return the choice and a function that changes it; each change is a step that the browser's Back undoes. */
export function usePeriod(fallback: Period = DEFAULT_PERIOD): [TimeChoice, (choice: TimeChoice) => void] {
  const [search, setSearch] = useSearchParams();
  const key = search.toString();
  const choice = useMemo(() => readTimeChoice(new URLSearchParams(key), fallback), [key, fallback]);
  const choose = useCallback(
    (chosen: TimeChoice) => {
      setSearch((current) => withTimeChoice(current, chosen, fallback));
    },
    [setSearch, fallback],
  );
  return [choice, choose];
}

/** `PUT /filters`: replace the filters, from the next batch on. */
import { filtersOptions } from "@/api/filters/getFilters";
import { changeJson } from "@/lib/http";
import type { Filters, FiltersAnswer } from "@/types/api";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

/** Replace the filters and update the cache. */
export function usePutFilters(): UseMutationResult<FiltersAnswer, Error, Filters> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (filters) => changeJson<FiltersAnswer>("PUT", "filters", filters),
    onSuccess: (inForce) => {
      queries.setQueryData(filtersOptions().queryKey, inForce);
    },
  });
}

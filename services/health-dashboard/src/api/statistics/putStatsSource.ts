/** `PUT /config/stats-source`: change the source of statistics. */
import { statsSourceOptions } from "@/api/statistics/getStatsSource";
import { changeJson } from "@/lib/http";
import type { StatsSourceAnswer, StatsSourceBody } from "@/types/api";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

/** Change the source and update the cache. */
export function usePutStatsSource(): UseMutationResult<StatsSourceAnswer, Error, StatsSourceBody> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change) => changeJson<StatsSourceAnswer>("PUT", "config/stats-source", change),
    onSuccess: (inForce) => {
      queries.setQueryData(statsSourceOptions().queryKey, inForce);
    },
  });
}

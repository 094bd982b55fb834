/** `GET /stats/services/trends`: all metrics of all services over time. */
import { getJson } from "@/lib/http";
import type { ServiceTrendsAnswer } from "@/types/api";
import type { TimeChoice } from "@/types/period";
import { timeParameters } from "@/utils/time/timeChoice";
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** Services report every ten seconds. */
const EVERY_MS = 10_000;

/** Query the trends, refetched periodically. The API chooses the window. */
export function useServiceTrends(time: TimeChoice): UseQueryResult<ServiceTrendsAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["service-trends", time],
      queryFn: ({ signal }) => getJson<ServiceTrendsAnswer>("stats/services/trends", timeParameters(time), signal),
      refetchInterval: EVERY_MS,
      placeholderData: keepPreviousData,
    }),
  );
}

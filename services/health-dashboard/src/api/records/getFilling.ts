/** `GET /gaps/filling`: the gaps that are being filled from Home Assistant's history. */
import { getJson } from "@/lib/http";
import type { FillingAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 2_000;

/** Query options: key, fetcher and refetch interval. */
export function fillingOptions() {
  return queryOptions({
    queryKey: ["filling"],
    queryFn: ({ signal }) => getJson<FillingAnswer>("gaps/filling", {}, signal),
    refetchInterval: EVERY_MS,
  });
}

/** Query the gaps being filled, refetched periodically. */
export function useFilling(): UseQueryResult<FillingAnswer> {
  return useQuery(fillingOptions());
}

/** `GET /gaps/filling`: the gaps that are being filled from Home Assistant's history. */
import { getJson } from "@/lib/http";
import type { FillingAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 2_000;

/** How the answer is kept and asked for again. */
export function fillingOptions() {
  return queryOptions({
    queryKey: ["filling"],
    queryFn: ({ signal }) => getJson<FillingAnswer>("gaps/filling", {}, signal),
    refetchInterval: EVERY_MS,
  });
}

/** The answer, kept fresh. */
export function useFilling(): UseQueryResult<FillingAnswer> {
  return useQuery(fillingOptions());
}

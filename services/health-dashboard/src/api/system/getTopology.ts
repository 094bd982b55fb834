/** `GET /topology`: the parts of the data flow, and what goes from one to the next. */
import { getJson } from "@/lib/http";
import type { TopologyAnswer } from "@/types/flow";
import { withUnknown } from "@/utils/flow/withUnknown";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;

/** Asks once. */
export async function getTopology(signal?: AbortSignal): Promise<TopologyAnswer> {
  return withUnknown(await getJson<TopologyAnswer>("topology", {}, signal));
}

/** How the answer is kept and asked for again. */
export function topologyOptions() {
  return queryOptions({
    queryKey: ["topology"],
    queryFn: ({ signal }) => getTopology(signal),
    refetchInterval: EVERY_MS,
  });
}

/** The answer, kept fresh. */
export function useTopology(): UseQueryResult<TopologyAnswer> {
  return useQuery(topologyOptions());
}

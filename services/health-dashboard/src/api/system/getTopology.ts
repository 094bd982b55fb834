/** `GET /topology`: the parts of the data flow and the connections between them. */
import { getJson } from "@/lib/http";
import type { TopologyAnswer } from "@/types/flow";
import { withUnknown } from "@/utils/flow/withUnknown";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 5_000;

/** Return the topology. */
export async function getTopology(signal?: AbortSignal): Promise<TopologyAnswer> {
  return withUnknown(await getJson<TopologyAnswer>("topology", {}, signal));
}

/** Query options: key, fetcher and refetch interval. */
export function topologyOptions() {
  return queryOptions({
    queryKey: ["topology"],
    queryFn: ({ signal }) => getTopology(signal),
    refetchInterval: EVERY_MS,
  });
}

/** Query the topology, refetched periodically. */
export function useTopology(): UseQueryResult<TopologyAnswer> {
  return useQuery(topologyOptions());
}

/** `GET /rejected/file`: size and limit of the file of rejected events. */
import { getJson } from "@/lib/http";
import type { RejectedFileAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 30_000;

/** Query size and limit, refetched periodically. */
export function useRejectedFile(): UseQueryResult<RejectedFileAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["rejected-file"],
      queryFn: ({ signal }) => getJson<RejectedFileAnswer>("rejected/file", {}, signal),
      refetchInterval: EVERY_MS,
    }),
  );
}

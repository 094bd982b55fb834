/** `GET /version`: release and commit of the server. */
import { getJson } from "@/lib/http";
import type { VersionAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** Query the version; it changes only with an upgrade, so it is refetched only when the page is opened. */
export function useVersion(): UseQueryResult<VersionAnswer> {
  return useQuery(queryOptions({ queryKey: ["version"], queryFn: ({ signal }) => getJson<VersionAnswer>("version", {}, signal) }));
}

/** `GET /version`: which release and which commit answers. */
import { getJson } from "@/lib/http";
import type { VersionAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** The answer; it changes with an upgrade, so it is asked for again when the page is opened. */
export function useVersion(): UseQueryResult<VersionAnswer> {
  return useQuery(queryOptions({ queryKey: ["version"], queryFn: ({ signal }) => getJson<VersionAnswer>("version", {}, signal) }));
}

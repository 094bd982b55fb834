/** `GET /config`: the settings in force; scope admin. */
import { getJson } from "@/lib/http";
import type { ConfigAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** The answer; settings are read at a start, so it is asked for again when the page is opened. */
export function useConfig(): UseQueryResult<ConfigAnswer> {
  return useQuery(queryOptions({ queryKey: ["config"], queryFn: ({ signal }) => getJson<ConfigAnswer>("config", {}, signal) }));
}

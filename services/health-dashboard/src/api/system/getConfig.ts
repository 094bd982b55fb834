/** `GET /config`: the effective settings; scope admin. */
import { getJson } from "@/lib/http";
import type { ConfigAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** Query the settings. They are read at the start of a service, so they are refetched only when the page is opened. */
export function useConfig(): UseQueryResult<ConfigAnswer> {
  return useQuery(queryOptions({ queryKey: ["config"], queryFn: ({ signal }) => getJson<ConfigAnswer>("config", {}, signal) }));
}

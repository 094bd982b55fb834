/** `GET /stats/alerts`: what needs a person; kept fresh by the stream, and asked for again where there is none. */
import { getJson } from "@/lib/http";
import type { Alert, AlertsAnswer } from "@/types/api";
import { queryOptions, useQuery, type QueryClient, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;

/** Asks once. An alert on a rate of the period is left out: the stream, which replaces this answer, has none. */
export async function getAlerts(signal?: AbortSignal): Promise<readonly Alert[]> {
  const { alerts } = await getJson<AlertsAnswer>("stats/alerts", {}, signal);
  return alerts.filter((alert) => "id" in alert);
}

/** How the answer is kept and asked for again. */
export function alertsOptions() {
  return queryOptions({
    queryKey: ["alerts"],
    queryFn: ({ signal }) => getAlerts(signal),
    refetchInterval: EVERY_MS,
  });
}

/** Takes the place of the answer: what the stream told. */
export function putAlerts(queries: QueryClient, alerts: readonly Alert[]): void {
  // An answer that is on its way is older than what the stream told.
  void queries.cancelQueries({ queryKey: alertsOptions().queryKey });
  queries.setQueryData(alertsOptions().queryKey, alerts);
}

/** Puts a changed alert in the place of what is known of it. */
export function putAlert(queries: QueryClient, changed: Alert): void {
  queries.setQueryData(alertsOptions().queryKey, (alerts) => alerts?.map((alert) => (alert.id === changed.id ? changed : alert)));
}

/** The answer, kept fresh. */
export function useAlerts(): UseQueryResult<readonly Alert[]> {
  return useQuery(alertsOptions());
}

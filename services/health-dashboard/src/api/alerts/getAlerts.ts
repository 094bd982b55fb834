/** `GET /stats/alerts`: the active alerts; updated by the stream, polled while there is no stream. */
import { getJson } from "@/lib/http";
import type { Alert, AlertsAnswer } from "@/types/api";
import { queryOptions, useQuery, type QueryClient, type UseQueryResult } from "@tanstack/react-query";

const EVERY_MS = 10_000;

/** Return the active alerts. Alerts on a rate of the period are omitted, because the stream that replaces this answer has none. */
export async function getAlerts(signal?: AbortSignal): Promise<readonly Alert[]> {
  const { alerts } = await getJson<AlertsAnswer>("stats/alerts", {}, signal);
  return alerts.filter((alert) => "id" in alert);
}

/** Query options: key, fetcher and refetch interval. */
export function alertsOptions() {
  return queryOptions({
    queryKey: ["alerts"],
    queryFn: ({ signal }) => getAlerts(signal),
    refetchInterval: EVERY_MS,
  });
}

/** Replace the cached alerts by those of the stream. */
export function putAlerts(queries: QueryClient, alerts: readonly Alert[]): void {
  // A request in flight has older data than the stream.
  void queries.cancelQueries({ queryKey: alertsOptions().queryKey });
  queries.setQueryData(alertsOptions().queryKey, alerts);
}

/** Replace one alert in the cache by its changed version. */
export function putAlert(queries: QueryClient, changed: Alert): void {
  queries.setQueryData(alertsOptions().queryKey, (alerts) => alerts?.map((alert) => (alert.id === changed.id ? changed : alert)));
}

/** Query the active alerts, refetched periodically. */
export function useAlerts(): UseQueryResult<readonly Alert[]> {
  return useQuery(alertsOptions());
}

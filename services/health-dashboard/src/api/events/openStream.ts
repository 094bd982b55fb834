/** `GET /stream`: server-sent events with new events, statistics and alerts. */
import { apiUrl } from "@/lib/http";
import type { StreamHandlers } from "@/lib/liveFeed";
import type { Alert, HomeEvent, StreamStatistics } from "@/types/api";
import { EVERY_EVENT, type EventFilters } from "@/types/eventFilters";

/** Open the stream and return a function that closes it. Only the first error is reported; the caller decides when to reconnect. */
export function openStream(handlers: StreamHandlers, filters: EventFilters = EVERY_EVENT): () => void {
  const source = new EventSource(apiUrl("stream", filters));
  const close = () => {
    source.close();
  };
  source.onopen = handlers.onOpen;
  source.onerror = () => {
    close();
    handlers.onError();
  };
  source.addEventListener("events", (message: MessageEvent<string>) => {
    handlers.onEvents(JSON.parse(message.data) as HomeEvent[]);
  });
  source.addEventListener("statistics", (message: MessageEvent<string>) => {
    handlers.onStatistics(JSON.parse(message.data) as StreamStatistics);
  });
  source.addEventListener("alerts", (message: MessageEvent<string>) => {
    handlers.onAlerts(JSON.parse(message.data) as Alert[]);
  });
  source.addEventListener("missed", handlers.onMissed);
  source.addEventListener("reconnect", () => {
    close(); // otherwise the end of the stream, which follows, would be reported as an error
    handlers.onReconnect();
  });
  return close;
}

/** `GET /tap/{id}`: the events of the live tap as they pass the pipeline. */
import { apiUrl } from "@/lib/http";
import type { TapHandlers } from "@/lib/tapFeed";
import type { TapEnd, TappedEvent, TapStatus } from "@/types/api";

/** Reads a tap; returns what closes the connection. The first error is the last: the feed decides when to try again. */
export function readTap(id: string, handlers: TapHandlers): () => void {
  const source = new EventSource(apiUrl(`tap/${id}`));
  const close = () => {
    source.close();
  };
  source.onerror = () => {
    close();
    handlers.onError();
  };
  source.addEventListener("events", (message: MessageEvent<string>) => {
    handlers.onEvents(JSON.parse(message.data) as TappedEvent[]);
  });
  source.addEventListener("status", (message: MessageEvent<string>) => {
    handlers.onStatus(JSON.parse(message.data) as TapStatus);
  });
  source.addEventListener("end", (message: MessageEvent<string>) => {
    close();
    handlers.onEnd((JSON.parse(message.data) as { readonly reason: TapEnd }).reason);
  });
  return close;
}

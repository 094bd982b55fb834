/** `GET /tap/{id}`: server-sent events of the live tap. */
import { apiUrl } from "@/lib/http";
import type { TapHandlers } from "@/lib/tapFeed";
import type { TapEnd, TappedEvent, TapStatus } from "@/types/api";

/** Read a tap and return a function that closes the connection. Only the first error is reported; the feed decides when to reconnect. */
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

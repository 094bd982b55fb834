/** The line colours by type and the tones of the parts by status. Colour is never the only indicator. */
import type { Tone } from "@/components/signs/tones";
import type { ConnectionType, PartStatus } from "@/types/flow";

export const CONNECTION_COLOUR: Readonly<Record<ConnectionType, string>> = {
  storage: "text-flow-storage",
  query: "text-flow-query",
  websocket: "text-flow-websocket",
  api: "text-flow-api",
  fallback: "text-ink-soft",
};

export const PART_TONE: Readonly<Record<PartStatus, Tone>> = { healthy: "good", degraded: "warn", unhealthy: "bad", unreachable: "bad", unknown: "neutral" };

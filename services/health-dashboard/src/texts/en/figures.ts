/** Texts of the key figures: labels and notes. */
import { formatCount, formatRate } from "@/utils/format/formatNumber";

export const figureTexts = {
  label: "Key figures",
  loading: "Loading",
  unknown: "unknown at the moment",
  asOf: (time: string) => `as of ${time}`,
  rate: "Events per minute",
  period: (words: string) => `Events, ${words}`,
  waiting: "Waiting for the store",
  errors: "Write errors",
  connection: "Home Assistant",
  lastMinute: "stored in the last 60 seconds",
  mean: "stored, mean of 5 minutes",
  captured: "captured, mean of 5 minutes",
  capturedWaiting: "captured, waiting for the store",
  onAverage: (perMinute: number | null) => `${formatRate(perMinute)} a minute on average`,
  totalUnknown: "not available from this source",
  errorsUnknown: "not available from this source",
  nothingCaptured: "no events captured yet",
  countedSince: (time: string) => `counted since ${time}`,
  nothingWritten: "no writes",
  failed: (failed: number, writes: number) =>
    writes === 1 ? (failed === 0 ? "1 write, successful" : "1 write, failed") : `${failed === 0 ? "none" : formatCount(failed)} of ${formatCount(writes)} writes failed`,
  nothingWaits: "every captured event is stored",
  storing: (perMinute: number) => `${formatRate(perMinute)} a minute are being stored`,
  onDisk: "kept on disk",
  since: (duration: string) => `for ${duration}`,
  sinceUnknown: "since an unknown time",
  lastConnected: (time: string) => `last connected ${time}`,
  neverConnected: "never connected",
  connectedHomes: (connected: number, all: number) => `${connected} of ${all}`,
  homes: "homes connected",
};

/** By connection state. */
export const connectionTexts = {
  connected: "Connected",
  connecting: "Connecting",
  disconnected: "Disconnected",
  auth_invalid: "Token refused",
  forbidden: "Forbidden",
  certificate_refused: "Certificate refused",
  subscription_refused: "Events refused",
  stopped: "Stopped",
  unknown: "–",
} as const;

/** Formats creation, last use and expiry of a token or session. */
import { accessTexts as texts } from "@/texts/settings";
import type { Token } from "@/types/api";
import { formatAgo, formatMoment } from "@/utils/format/formatTime";

/** `last used 3 min ago`, `never used`. */
export function usedWords({ last_used: used }: Pick<Token, "last_used">, nowMs: number): string {
  return used === null ? texts.neverUsed : texts.usedAt(formatAgo(nowMs - Date.parse(used)));
}

/** `expires 24 Feb, 12:00`, `never expires`. */
export function expiryWords({ expires }: Pick<Token, "expires">, nowMs: number): string {
  if (expires === null) return texts.never;
  const ms = Date.parse(expires);
  return (ms <= nowMs ? texts.expired : texts.expiresAt)(formatMoment(ms, nowMs));
}

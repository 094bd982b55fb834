/** An alert in words and colours. */
import type { Tone } from "@/components/tones";
import type { Alert } from "@/types/api";
import { formatMoment } from "@/utils/formatTime";

export const LEVEL_TONE: Readonly<Record<Alert["level"], Tone>> = { critical: "bad", warning: "warn", info: "info" };

/** A rule's name as words: `queue growing`. */
export function ruleWords(rule: string): string {
  return rule.replaceAll("_", " ");
}

/** What people said of it: `known since 14:05, silenced until 18:00`; empty where nobody did. */
export function markWords(alert: Alert, nowMs: number): string {
  const words = [];
  if (alert.acknowledged !== null) words.push(`acknowledged ${formatMoment(Date.parse(alert.acknowledged), nowMs)}`);
  if (alert.silenced_until !== null) words.push(`silenced until ${formatMoment(Date.parse(alert.silenced_until), nowMs)}`);
  return words.join(", ");
}

/** How many there are, for who can't see the list: `2 alerts: …`. */
export function announcement(alerts: readonly Alert[]): string {
  if (alerts.length === 0) return "";
  const messages = alerts.map((alert) => `${alert.level}, ${ruleWords(alert.rule)}, ${alert.service}`);
  return `${alerts.length} ${alerts.length === 1 ? "alert" : "alerts"}: ${messages.join("; ")}`;
}

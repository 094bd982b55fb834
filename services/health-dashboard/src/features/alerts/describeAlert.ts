/** Texts and colours of an alert. */
import type { Tone } from "@/components/signs/tones";
import type { Alert } from "@/types/api";
import { alertsTexts as texts } from "@/texts/alerts";
import { serviceName } from "@/utils/format/serviceName";
import { formatMoment } from "@/utils/format/formatTime";

export const LEVEL_TONE: Readonly<Record<Alert["level"], Tone>> = { critical: "bad", warning: "warn", info: "info" };

/** The name of a rule as words: `queue growing`. */
export function ruleWords(rule: string): string {
  return rule.replaceAll("_", " ");
}

/** Acknowledgement and silence: `acknowledged 14:05 by phone, silenced until 18:00`; otherwise empty. */
export function markWords(alert: Alert, nowMs: number): string {
  const words = [];
  if (alert.acknowledged !== null) {
    words.push(texts.acknowledgedAt(formatMoment(Date.parse(alert.acknowledged), nowMs), alert.acknowledged_by));
  }
  if (alert.silenced_until !== null) words.push(texts.silencedUntil(formatMoment(Date.parse(alert.silenced_until), nowMs)));
  return words.join(", ");
}

/** Rule and service, as the accessible name of a button. */
export function aboutWords(alert: Alert): string {
  return texts.about(ruleWords(alert.rule), serviceName(alert.service));
}

/** The active alerts for screen readers: `2 alerts: …`. */
export function announcement(alerts: readonly Alert[]): string {
  if (alerts.length === 0) return "";
  const messages = alerts.map((alert) => `${alert.level}, ${aboutWords(alert)}`);
  return `${alerts.length} ${alerts.length === 1 ? "alert" : "alerts"}: ${messages.join("; ")}`;
}

/** `2 active, 1 not acknowledged`. */
export function countWords(alerts: readonly Alert[]): string {
  return texts.activeNote(alerts.length, alerts.filter((alert) => alert.acknowledged === null).length);
}

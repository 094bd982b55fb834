/** Names of compared figures and of their time ranges. */
import { comparisonTexts as texts } from "@/texts/records";
import { formatMoment } from "@/utils/format/formatTime";

/** `services.events_processed` → `Events written, each service`; `services.x.lag` names the service. */
export function figureWords(field: string): string {
  const parts = field.split(".");
  const name = parts.at(-1) ?? field;
  const plain = name.replaceAll("_", " ");
  const words = texts.figures[name] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
  if (parts[0] !== "services") return words;
  return parts.length === 3 ? texts.ofService(words, parts[1] ?? "") : texts.ofEachService(words);
}

/** `last 1h`, or start and end; the query itself if it cannot be parsed. */
export function questionWords(question: string, nowMs: number): string {
  const time = readTime(question);
  if (time === null) return question;
  if (typeof time === "string") return texts.period(time);
  const [startMs, endMs] = [Date.parse(time.start), Date.parse(time.end)];
  if (Number.isNaN(startMs)) return texts.period(time.start); // a start can be a period before now
  return texts.range(formatMoment(startMs, nowMs), formatMoment(Number.isNaN(endMs) ? nowMs : endMs, nowMs));
}

function readTime(question: string): string | { readonly start: string; readonly end: string } | null {
  try {
    const { time } = JSON.parse(question) as { readonly time?: Readonly<Record<string, unknown>> };
    if (typeof time?.["period"] === "string") return time["period"];
    if (typeof time?.["start"] !== "string") return null;
    return { start: time["start"], end: typeof time["end"] === "string" ? time["end"] : "" };
  } catch {
    return null;
  }
}

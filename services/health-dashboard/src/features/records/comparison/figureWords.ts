/** The names of compared figures and questions in words. */
import { comparisonTexts as texts } from "@/texts/records";

/** `services.events_processed` → `Events processed of a service`; `services.x.lag` names the service. */
export function figureWords(field: string): string {
  const parts = field.split(".");
  const name = (parts.at(-1) ?? field).replaceAll("_", " ");
  const words = name.charAt(0).toUpperCase() + name.slice(1);
  if (parts[0] !== "services") return words;
  return parts.length === 3 ? texts.ofService(words, parts[1] ?? "") : texts.ofEachService(words);
}

/** The time that a question was about, as far as it says: `period 1h`; the question itself where it cannot be read. */
export function questionWords(question: string): string {
  try {
    const asked: unknown = JSON.parse(question);
    const period = findPeriod(asked);
    return period === null ? question : texts.period(period);
  } catch {
    return question;
  }
}

function findPeriod(asked: unknown): string | null {
  if (typeof asked !== "object" || asked === null) return null;
  for (const [name, value] of Object.entries(asked)) {
    if (name === "period" && typeof value === "string") return value;
    const found = findPeriod(value);
    if (found !== null) return found;
  }
  return null;
}

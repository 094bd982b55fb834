/** A tapped event in words: what it is about, what became of it, and why. */
import type { Tone } from "@/components/signs/tones";
import { at, parsed } from "@/features/tap/compareTapped";
import { tapTexts as texts } from "@/texts/tap";
import type { TappedEvent } from "@/types/api";

const TONES: Readonly<Record<TappedEvent["outcome"], Tone>> = {
  written: "good",
  duplicate: "neutral",
  filtered: "warn",
  rejected: "bad",
  expired: "neutral",
};

export interface TappedWords {
  readonly entityId: string | null;
  /** The friendly name, else the id, else the event type, else nothing that can be read. */
  readonly title: string;
  readonly name: string | null;
  /** From which state to which, or the event type. */
  readonly change: string | null;
  readonly outcome: string;
  readonly tone: Tone;
  /** What the outcome means for this event. */
  readonly reason: string;
}

/** What a row says; of an event that became no point, as far as what came can be read. */
export function describeTapped({ raw, point, outcome, reason }: TappedEvent): TappedWords {
  const sent = point === null ? parsed(raw) : null;
  const entityId = point?.entity_id ?? textIn(at(sent, "data.entity_id"));
  const name = point?.friendly_name ?? textIn(at(sent, "data.new_state.attributes.friendly_name"));
  const eventType = point?.event_type ?? textIn(at(sent, "event_type"));
  const states = [point?.old_state ?? at(sent, "data.old_state.state"), point?.state ?? at(sent, "data.new_state.state")];
  return {
    entityId,
    title: name ?? entityId ?? eventType ?? texts.unreadable,
    name,
    change: eventType === "state_changed" ? states.map(textIn).filter((state) => state !== null).join(" → ") : eventType,
    outcome: texts.outcomes[outcome],
    tone: TONES[outcome],
    reason: reasonOf(outcome, reason),
  };
}

function reasonOf(outcome: TappedEvent["outcome"], reason: TappedEvent["reason"]): string {
  if (reason === null) return texts.outcomeHints[outcome];
  return reason.message ?? texts.rules[reason.key] ?? reason.key;
}

function textIn(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Describes a tapped event: entity, outcome and reason. */
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
  /** The friendly name, otherwise the entity id, the event type, or a text for an unreadable event. */
  readonly title: string;
  readonly name: string | null;
  /** Old and new state, or the event type. */
  readonly change: string | null;
  readonly outcome: string;
  readonly tone: Tone;
  /** Explains the outcome of this event. */
  readonly reason: string;
}

/** Return the texts of a row. Without a point, they are taken from the payload as far as it can be read. */
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

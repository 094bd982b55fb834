/** Describes an event: entity and change. */
import type { HomeEvent } from "@/types/api";

export interface EventWords {
  readonly title: string;
  readonly subtitle: string;
  readonly from: string | null;
  readonly to: string;
  readonly unit: string;
  /** Whether `to` alone describes the change in a word, because it is not one between two states. */
  readonly isPlain: boolean;
}

/** Return the texts of a row in the list of events. */
export function describeEvent(event: HomeEvent): EventWords {
  const title = event.friendly_name ?? event.entity_id ?? event.event_type;
  const subtitle = [title === event.entity_id ? null : event.entity_id, event.area].filter(Boolean).join(" · ");
  if (event.event_type !== "state_changed") {
    return { title, subtitle: subtitle || "event", from: null, to: describeData(event), unit: "", isPlain: true };
  }
  return { title, subtitle: subtitle || "no area", ...describeChange(event) };
}

function describeChange(event: HomeEvent): Pick<EventWords, "from" | "to" | "unit" | "isPlain"> {
  const plain = { from: null, unit: "", isPlain: true };
  if (event.removed) return { ...plain, to: "removed" };
  if (event.state === null) return { ...plain, to: "no state" };
  const unit = event.unit !== null && event.value !== null ? event.unit : "";
  const isSame = event.old_state === null || event.old_state === event.state;
  return { from: isSame ? null : showState(event.old_state ?? ""), to: showState(event.state), unit, isPlain: false };
}

function showState(state: string): string {
  return state.trim() === "" ? JSON.stringify(state) : state;
}

function describeData(event: HomeEvent): string {
  const data = event.data ?? {};
  const named = [data["domain"], data["service"]].filter((part) => typeof part === "string");
  if (event.event_type === "call_service" && named.length === 2) return named.join(".");
  const words = event.event_type.replaceAll("_", " ");
  return event.friendly_name === null && event.entity_id === null ? "fired" : words;
}

/** Formats a state: the number or the word as Home Assistant sent it, with its unit. */
import { entitiesTexts } from "@/texts/entities";

/** `21.5 °C`, `on`, `unavailable`; a blank state is shown in quotes. */
export function stateText(state: string | null, unit: string | null): string {
  if (state === null) return entitiesTexts.noState;
  if (state.trim() === "") return JSON.stringify(state);
  return unit !== null && isNumber(state) ? `${state} ${unit}` : state;
}

/** Return whether a state is a decimal number by the rule of the store. */
export function isNumber(state: string | null): boolean {
  return state !== null && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(state);
}

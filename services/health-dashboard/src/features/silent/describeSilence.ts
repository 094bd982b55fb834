/** Silent sensors in words. */
import { silentTexts as texts } from "@/texts/overview";
import type { HealthAnswer, SilentAnswer, SilentEntity } from "@/types/api";
import { formatAge } from "@/utils/format/formatTime";

/** As the alert `silent_sensors`: lights and doors may rest for as long as they like. */
const SENSOR = /^(binary_)?sensor\./;

/** The sensors among the silent entities, those most beyond their rhythm first. */
export function silentSensors(answer: SilentAnswer): SilentEntity[] {
  return answer.entities.filter(({ entity_id }) => SENSOR.test(entity_id));
}

/** `silent for 5 h, usually 1 h`. */
export function silenceWords({ silent_for_s, usual_interval_s }: SilentEntity): string {
  const usual = usual_interval_s === null ? "" : `, usually ${formatAge(usual_interval_s * 1000)}`;
  return `silent for ${formatAge(silent_for_s * 1000)}${usual}`;
}

/** How silence is judged where Home Assistant does not say which sensors report without changing, and its reason: for each such home. */
export function refusals(health: HealthAnswer | undefined): { readonly home: string; readonly sentence: string; readonly reason: string }[] {
  const homes = health?.homes ?? [];
  return homes.flatMap(({ home, signs_of_life_refusal: reason }) =>
    reason === null ? [] : { home, sentence: texts.changesAlone(homes.length > 1 ? home : null), reason },
  );
}

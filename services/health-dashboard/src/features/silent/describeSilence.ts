/** Describes silent sensors. */
import { silentTexts as texts } from "@/texts/overview";
import type { HealthAnswer, SilentAnswer, SilentEntity } from "@/types/api";
import { formatAge } from "@/utils/format/formatTime";

/** As the rule `silent_sensors`: only sensors, because lights and doors can be unchanged for any time. */
const SENSOR = /^(binary_)?sensor\./;

/** Return the sensors among the silent entities, those furthest beyond their usual interval first. */
export function silentSensors(answer: SilentAnswer): SilentEntity[] {
  return answer.entities.filter(({ entity_id }) => SENSOR.test(entity_id));
}

/** `silent for 5 h, usually 1 h`. */
export function silenceWords({ silent_for_s, usual_interval_s }: SilentEntity): string {
  const usual = usual_interval_s === null ? "" : `, usually ${formatAge(usual_interval_s * 1000)}`;
  return `silent for ${formatAge(silent_for_s * 1000)}${usual}`;
}

/** Return, for each home that does not provide the time of the last report, the note about how silence is detected, with the reason. */
export function refusals(health: HealthAnswer | undefined): { readonly home: string; readonly sentence: string; readonly reason: string }[] {
  const homes = health?.homes ?? [];
  return homes.flatMap(({ home, signs_of_life_refusal: reason }) =>
    reason === null ? [] : { home, sentence: texts.changesAlone(homes.length > 1 ? home : null), reason },
  );
}

/** Describes a rule in sentences: when it is raised, when it is cleared, and how it is measured. */
import { ruleTexts as texts } from "@/texts/alertRules";
import type { AlertRule, AlertWatch } from "@/types/api";
import { formatCount, formatPercent } from "@/utils/format/formatNumber";
import { formatDuration } from "@/utils/format/formatTime";

/** Metrics that are measured over a time; the others are current values. */
const MEASURED_OVER: readonly AlertWatch[] = ["error_rate_percent", "success_rate_percent", "queue_growth"];

type NumberUnit = "percent" | "seconds" | "minutes" | "count";

export function describeRule(rule: AlertRule): string[] {
  const [what, unit] = texts.watches[rule.watch];
  const isAbove = rule.above !== null;
  const limit = rule.above ?? rule.below ?? 0;
  const [raisedFor, clearedFor] = [durationWords(rule.for_s), durationWords(rule.clear_after_s)];
  const sentences =
    unit === "flag"
      ? [texts.raisedFlag(what, raisedFor), texts.clearedFlag(clearedFor)]
      : [
          texts.raised(what, isAbove, valueWords(limit, unit), raisedFor),
          texts.cleared(boundWords(rule.clear, unit, isAbove), clearedFor),
        ];
  if (MEASURED_OVER.includes(rule.watch)) sentences.push(texts.over(formatDuration(rule.over_s * 1000)));
  if (rule.factor !== null) sentences.push(texts.factor(formatCount(rule.factor)));
  if (rule.entities.length > 0) sentences.push(texts.entities(rule.entities.join(", ")));
  return sentences;
}

function durationWords(seconds: number): string {
  return seconds === 0 ? "" : texts.forDuration(formatDuration(seconds * 1000));
}

/** None of these values can be negative. */
function boundWords(value: number, unit: NumberUnit, isAbove: boolean): string {
  const words = valueWords(value, unit);
  if (!isAbove) return texts.orMore(words);
  return value === 0 ? words : texts.orLess(words);
}

function valueWords(value: number, unit: NumberUnit): string {
  if (unit === "percent") return Number.isInteger(value) ? `${value} %` : formatPercent(value);
  if (unit === "count" || value === 0) return formatCount(value);
  return formatDuration(value * (unit === "minutes" ? 60_000 : 1000));
}

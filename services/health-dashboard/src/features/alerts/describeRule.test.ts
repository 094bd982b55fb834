import { describeRule } from "@/features/alerts/describeRule";
import { anAlertRule } from "@/test/alertFixtures";
import { expect, test } from "vitest";

test("a limit, its hysteresis and both durations are described", () => {
  expect(describeRule(anAlertRule())).toEqual([
    "Raised when the age of the oldest waiting event is above 1 minute for 1 minute.",
    "Cleared when it is 20 seconds or less for 2 minutes.",
  ]);
});

test("a lower limit is cleared from above, and a rate has its measuring time", () => {
  const rule = anAlertRule({ watch: "success_rate_percent", above: null, below: 95, clear: 97, for_s: 0 });
  expect(describeRule(rule)).toEqual([
    "Raised when the percentage of successful events is below 95 %.",
    "Cleared when it is 97 % or more for 2 minutes.",
    "Measured over 5 minutes.",
  ]);
});

test("a condition that is true or not has no number", () => {
  const rule = anAlertRule({ watch: "token_refused", above: 0, clear: 0, for_s: 0, clear_after_s: 0 });
  expect(describeRule(rule)).toEqual(["Raised when Home Assistant refuses the token.", "Cleared when this no longer applies."]);
});

test("silent entities have the factor and the watched entities", () => {
  const rule = anAlertRule({ watch: "silent_entities", above: 0, clear: 0, factor: 3, entities: ["sensor.*"] });
  expect(describeRule(rule).slice(2)).toEqual([
    "An entity counts as silent after 3 times its usual interval.",
    "Watched entities: sensor.*.",
  ]);
});

test("minutes are minutes, and none is 0", () => {
  const rule = anAlertRule({ watch: "minutes_without_events", above: 15, clear: 0 });
  expect(describeRule(rule).slice(0, 2)).toEqual([
    "Raised when the time since the last stored event is above 15 minutes for 1 minute.",
    "Cleared when it is 0 for 2 minutes.",
  ]);
});

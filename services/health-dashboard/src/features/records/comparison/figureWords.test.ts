import { figureWords, questionWords } from "@/features/records/comparison/figureWords";
import { expect, test } from "vitest";

const NOW_MS = Date.parse("2026-11-24T12:00:00Z");

test.each([
  ["total_events", "Stored events"],
  ["services.lag_ms", "Lag ms, each service"],
  ["services.admin-api.events_received", "Events received, admin-api"],
])("the figure %s reads %s", (field, words) => {
  expect(figureWords(field)).toBe(words);
});

test.each([
  ['{"time":{"period":"7d"},"window":null}', "last 7d"],
  ['{"time":{"start":"2026-11-24T09:00:00Z","end":"2026-11-24T10:00:00Z"}}', "09:00 – 10:00"],
  ['{"time":{"start":"2026-11-24T09:00:00Z"}}', "09:00 – 12:00"],
  ['{"time":{"start":"24h"}}', "last 24h"],
  ['{"metric_name":null}', '{"metric_name":null}'],
  ["no JSON", "no JSON"],
])("the time of %s reads %s", (question, words) => {
  expect(questionWords(question, NOW_MS)).toBe(words);
});

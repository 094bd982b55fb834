import { withoutCovered } from "@/features/health/coveredAlerts";
import { situationStore } from "@/features/health/situationStore";
import type { Problem } from "@/features/health/problem";
import { anAlert } from "@/test/fixtures";
import { expect, test } from "vitest";

const alerts = ["store_unreachable", "lag", "silent_sensors"].map((rule) => anAlert({ rule }));
const rules = (isOutage: boolean, ...kinds: string[]) => {
  const problems = kinds.map((kind) => ({ kind }) as Problem);
  return withoutCovered(alerts, { ...situationStore.get().situation, isOutage, problems }).map(({ rule }) => rule);
};

test("alerts of the outage that the banner states are not repeated; others are shown", () => {
  expect(rules(true, "store_unreachable")).toEqual(["silent_sensors"]);
});

test("without an outage every alert is shown", () => {
  expect(rules(false, "store_unreachable")).toEqual(["store_unreachable", "lag", "silent_sensors"]);
});

test("an outage of another kind hides nothing of the store", () => {
  expect(rules(true, "unreachable")).toEqual(["store_unreachable", "lag", "silent_sensors"]);
});

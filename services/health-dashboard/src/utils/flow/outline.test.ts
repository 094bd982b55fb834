// @vitest-environment node
import { aFlowWithoutStore, aTopology, withChanges } from "@/test/flowFixtures";
import { geometryOf, outlineOf } from "@/utils/flow/outline";
import { expect, test } from "vitest";

test("rates, states and health move no line", () => {
  const changed = withChanges(aTopology(), { influxdb: { status: "degraded", rate_per_minute: 1 } }, { "admin-api→influxdb": { active: false, rate_per_minute: 0 } });
  expect(outlineOf(changed)).toBe(outlineOf(aTopology()));
});

test("a fallback does", () => {
  expect(outlineOf(aFlowWithoutStore())).not.toBe(outlineOf(aTopology()));
});

test("every line of an outline has a way", () => {
  const { routes, layout } = geometryOf(outlineOf(aFlowWithoutStore()), 1000);
  expect(routes.size).toBe(10);
  expect([...routes.values()].every((points) => points.length >= 2)).toBe(true);
  expect(layout.shape).toBe("wide");
});

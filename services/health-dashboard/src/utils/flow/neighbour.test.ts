// @vitest-environment node
import { aTopology } from "@/test/flowFixtures";
import { layoutFlow } from "@/utils/flow/layoutFlow";
import { isDirection, neighbour } from "@/utils/flow/neighbour";
import { expect, test } from "vitest";

const { boxes } = layoutFlow(aTopology().nodes, 1000);

test.each([
  ["home-assistant", "ArrowRight", "websocket-ingestion"],
  ["websocket-ingestion", "ArrowRight", "enrichment-pipeline"],
  ["enrichment-pipeline", "ArrowUp", "weather"],
  ["enrichment-pipeline", "ArrowDown", "admin-api"],
  ["admin-api", "ArrowLeft", "health-dashboard"],
  ["admin-api", "ArrowRight", "influxdb"],
  ["home-assistant", "ArrowDown", "health-dashboard"],
  ["home-assistant", "ArrowLeft", null],
  ["nowhere", "ArrowLeft", null],
] as const)("from %s, %s leads to %s", (from, key, to) => {
  expect(neighbour(boxes, from, key)).toBe(to);
});

test("only arrow keys are directions", () => {
  expect(["ArrowUp", "Enter", "Tab"].map(isDirection)).toEqual([true, false, false]);
});

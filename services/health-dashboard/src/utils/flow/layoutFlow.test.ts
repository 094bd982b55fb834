// @vitest-environment node
import { aFlowOfHomes, aTopology } from "@/test/flowFixtures";
import { overlap } from "@/utils/flow/geometry";
import { layoutFlow, WIDE_FROM, type Placeable } from "@/utils/flow/layoutFlow";
import { expect, test } from "vitest";

const WIDTHS = [296, 360, 700, WIDE_FROM, 1000, 1232];
const FLOWS: readonly (readonly [string, readonly Placeable[]])[] = [
  ["one home", aTopology().nodes],
  ["no weather", aTopology().nodes.filter(({ id }) => id !== "weather")],
  ["three homes", aFlowOfHomes(["a", "b", "c"]).nodes],
  ["six homes", aFlowOfHomes(["a", "b", "c", "d", "e", "f"]).nodes],
  ["a service that is not known", [...aTopology().nodes, { id: "something-new", kind: "service" }]],
];
const cases = FLOWS.flatMap(([name, parts]) => WIDTHS.map((width) => [name, width, parts] as const));

test.each(cases)("%s at %i px: every part has a box in the picture, and no two overlap", (_, width, parts) => {
  const { boxes, height } = layoutFlow(parts, width);
  expect([...boxes.keys()].sort()).toEqual(parts.map(({ id }) => id).sort());
  for (const [id, box] of boxes) {
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.y).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
    expect(box.y + box.height).toBeLessThanOrEqual(height);
    for (const [other, otherBox] of boxes) expect(id !== other && overlap(box, otherBox), `${id} and ${other}`).toBe(false);
  }
});

test("wide, capture goes right in one row and the answers come back left in another", () => {
  const { boxes } = layoutFlow(aTopology().nodes, 1000);
  const x = (id: string) => boxes.get(id)?.x ?? NaN;
  const middle = (id: string) => (boxes.get(id)?.y ?? NaN) + (boxes.get(id)?.height ?? NaN) / 2;
  const row = ["home-assistant", "websocket-ingestion", "enrichment-pipeline", "influxdb"].map(x);
  expect(row).toEqual(row.toSorted((a, b) => a - b));
  expect(x("health-dashboard")).toBeLessThan(x("admin-api"));
  expect(middle("home-assistant")).toBe(middle("websocket-ingestion"));
  expect(middle("websocket-ingestion")).toBe(middle("enrichment-pipeline"));
  expect(middle("health-dashboard")).toBe(middle("admin-api"));
});

test("narrow, the parts stand below each other in the order in which an event meets them", () => {
  const { boxes, shape } = layoutFlow(aTopology().nodes, 296);
  const order = [...boxes].toSorted(([, a], [, b]) => a.y - b.y).map(([id]) => id);
  expect(shape).toBe("narrow");
  expect(order).toEqual(["weather", "home-assistant", "websocket-ingestion", "enrichment-pipeline", "influxdb", "admin-api", "health-dashboard"]);
});

// @vitest-environment node
import { aFlowOfHomes, aFlowWithoutStore, aTopology } from "@/test/flowFixtures";
import type { TopologyAnswer } from "@/types/flow";
import { crosses, type Point } from "@/utils/flow/geometry";
import { layoutFlow } from "@/utils/flow/layoutFlow";
import { routeConnection } from "@/utils/flow/routeConnection";
import { toConnections } from "@/utils/flow/toConnections";
import { expect, test } from "vitest";

const FLOWS: readonly (readonly [string, TopologyAnswer])[] = [
  ["one home", aTopology()],
  ["three homes", aFlowOfHomes(["a", "b", "c"])],
  ["four homes", aFlowOfHomes(["a", "b", "c", "d"])],
  ["the fallback", aFlowWithoutStore()],
];
const cases = FLOWS.flatMap(([name, topology]) => [296, 700, 800, 1000, 1232].map((width) => [name, width, topology] as const));

test.each(cases)("%s at %i px: every line goes from its box to its box, around all others and within the picture", (_, width, topology) => {
  const layout = layoutFlow(topology.nodes, width);
  const connections = toConnections(topology.edges);
  for (const connection of connections) {
    const points = routeConnection(connection, layout, connections);
    const name = `${connection.from}→${connection.to}`;
    expect(points.length, name).toBeGreaterThanOrEqual(2);
    expect(isOnEdge(points[0], layout.boxes.get(connection.from)), name).toBe(true);
    expect(isOnEdge(points.at(-1), layout.boxes.get(connection.to)), name).toBe(true);
    points.slice(1).forEach((to, at) => {
      const from = points[at] ?? to;
      expect(from.x === to.x || from.y === to.y, `${name} is horizontal and vertical`).toBe(true);
      expect(to.x >= 0 && to.x <= width && to.y >= 0 && to.y <= layout.height, `${name} stays in the picture`).toBe(true);
      for (const [id, box] of layout.boxes) expect(crosses(from, to, box), `${name} through ${id}`).toBe(false);
    });
  }
});

test("writes and answers between the Admin API and the store are two lines", () => {
  const topology = aTopology();
  const layout = layoutFlow(topology.nodes, 1000);
  const connections = toConnections(topology.edges);
  const line = (type: string) => {
    const connection = connections.find((each) => each.type === type && [each.from, each.to].includes("admin-api"));
    return connection ? routeConnection(connection, layout, connections) : [];
  };
  expect(Math.abs((line("storage")[0]?.y ?? 0) - (line("query")[0]?.y ?? 0))).toBe(44);
});

test("a line to a part that is not there is none", () => {
  const layout = layoutFlow(aTopology().nodes, 1000);
  expect(routeConnection({ from: "admin-api", to: "nowhere", type: "api", active: true }, layout, [])).toEqual([]);
});

function isOnEdge(point: Point | undefined, box: { x: number; y: number; width: number; height: number } | undefined): boolean {
  if (!point || !box) return false;
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  const isBeside = (point.x === box.x || point.x === right) && point.y >= box.y && point.y <= bottom;
  return isBeside || ((point.y === box.y || point.y === bottom) && point.x >= box.x && point.x <= right);
}

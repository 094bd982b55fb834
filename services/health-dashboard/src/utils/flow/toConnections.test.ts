// @vitest-environment node
import { aFlowEdge, aFlowOfHomes, aFlowWithoutStore, aTopology } from "@/test/flowFixtures";
import type { Connection } from "@/types/flow";
import { toConnections } from "@/utils/flow/toConnections";
import { expect, test } from "vitest";

const bypasses = (connections: readonly Connection[]) =>
  connections.filter(({ from, to }) => from === "enrichment-pipeline" && ["admin-api", "health-dashboard"].includes(to));

test("the lines have the shape of the plan and lead through the store", () => {
  const connections = toConnections(aTopology().edges);
  expect(connections).toContainEqual({ from: "enrichment-pipeline", to: "influxdb", type: "storage", active: true });
  expect(connections).toContainEqual({ from: "influxdb", to: "admin-api", type: "query", active: true });
  expect(connections).toContainEqual({ from: "admin-api", to: "health-dashboard", type: "api", active: true });
  expect(connections).toContainEqual({ from: "home-assistant", to: "websocket-ingestion", type: "websocket", active: true });
});

test("there is no line from the enrichment-pipeline to the Admin API or the dashboard", () => {
  const wrong = [aFlowEdge("enrichment-pipeline", "admin-api", "api"), aFlowEdge("enrichment-pipeline", "health-dashboard", "api")];
  expect(bypasses(toConnections([...aTopology().edges, ...wrong]))).toEqual([]);
});

test("a fallback that is not in use is not drawn, one in use is", () => {
  const unused = aFlowEdge("enrichment-pipeline", "admin-api", "fallback", { active: false });
  expect(bypasses(toConnections([...aTopology().edges, unused]))).toEqual([]);
  expect(bypasses(toConnections(aFlowWithoutStore().edges))).toEqual([{ from: "enrichment-pipeline", to: "admin-api", type: "fallback", active: true }]);
});

test("several homes are several sources", () => {
  const from = toConnections(aFlowOfHomes(["home", "cabin"]).edges).filter(({ type }) => type === "websocket");
  expect(from.map((connection) => connection.from)).toEqual(["home-assistant:home", "home-assistant:cabin"]);
});

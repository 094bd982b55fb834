// @vitest-environment node
import { aTopology, withChanges } from "@/test/flowFixtures";
import { toLines } from "@/utils/flow/toLines";
import { withUnknown } from "@/utils/flow/withUnknown";
import { expect, test } from "vitest";

const silent = withUnknown(
  withChanges(
    aTopology(),
    { "websocket-ingestion": { status: "unreachable" }, "home-assistant": { status: "unreachable", rate_per_minute: null } },
    { "home-assistant→websocket-ingestion": { active: false, rate_per_minute: null }, "websocket-ingestion→enrichment-pipeline": { active: false } },
  ),
);

test("a home is unknown while the service that reports it does not answer", () => {
  const status = Object.fromEntries(silent.nodes.map((node) => [node.id, node.status]));
  expect(status).toMatchObject({ "home-assistant": "unknown", "websocket-ingestion": "unreachable", weather: "healthy" });
});

test("the connections of such a service are unknown, not interrupted", () => {
  const states = Object.fromEntries(toLines(silent).map(({ edge, state }) => [edge.id, state]));
  expect(states).toMatchObject({ "home-assistant→websocket-ingestion": "unknown", "websocket-ingestion→enrichment-pipeline": "unknown", "weather→enrichment-pipeline": "flowing" });
});

test("if every service answers nothing is changed", () => {
  const topology = aTopology();
  expect(withUnknown(topology)).toBe(topology);
});

// @vitest-environment node
import type { ConnectionState, FlowNode } from "@/types/flow";
import { connectionState, isMoving } from "@/utils/flow/connectionState";
import { expect, test } from "vitest";

type End = Pick<FlowNode, "kind" | "status" | "queue_depth">;

const service = (change: Partial<End> = {}): End => ({ kind: "service", status: "healthy", queue_depth: 0, ...change });
const api = (active: boolean) => ({ active, type: "api" as const });

const CASES: readonly (readonly [string, ConnectionState, ReturnType<typeof connectionState>])[] = [
  ["both ends are healthy and something flows", "flowing", connectionState(api(true), 60, service(), service())],
  ["it flows, and how much is not measured", "flowing", connectionState(api(true), null, service(), service())],
  ["it flows, and an end is degraded", "impaired", connectionState(api(true), 60, service(), service({ status: "degraded" }))],
  ["nothing flows and all is well", "idle", connectionState(api(false), 0, service(), service())],
  ["nothing flows, and nobody knows a rate", "unknown", connectionState(api(false), null, service(), service())],
  ["events wait for it", "waiting", connectionState(api(false), 0, service({ queue_depth: 177 }), service({ status: "degraded" }))],
  ["its end fails", "interrupted", connectionState(api(false), 0, service(), service({ status: "unhealthy" }))],
  ["the store is away", "interrupted", connectionState({ active: false, type: "query" }, 0, service({ kind: "store", status: "unreachable" }), service())],
  ["a service does not answer here", "unknown", connectionState(api(false), 0, service(), service({ status: "unreachable" }))],
  ["its home is connecting again", "interrupted", connectionState({ active: false, type: "websocket" }, 0, service({ kind: "source", status: "degraded" }), service())],
  ["its own reports wait for nothing", "interrupted", connectionState({ active: false, type: "storage" }, 0, service({ queue_depth: 177 }), service({ kind: "store", status: "unreachable" }))],
  ["an end is not in the answer", "unknown", connectionState(api(true), 60, service(), undefined)],
];

test.each(CASES)("%s: %s", (_, expected, state) => {
  expect(state).toBe(expected);
});

test("dots move only on active connections", () => {
  const states: ConnectionState[] = ["flowing", "impaired", "waiting", "interrupted", "idle", "unknown"];
  expect(states.filter(isMoving)).toEqual(["flowing", "impaired"]);
});

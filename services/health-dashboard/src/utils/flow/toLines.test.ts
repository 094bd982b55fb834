// @vitest-environment node
import { aFlowWithoutStore, aTopology, withChanges } from "@/test/flowFixtures";
import { stillParts, toLines } from "@/utils/flow/toLines";
import { expect, test } from "vitest";

test("a line knows what goes over it", () => {
  const line = toLines(aTopology()).find(({ connection }) => connection.type === "query");
  expect(line).toMatchObject({ state: "flowing", rate: 31, edge: { label: "answers" } });
});

test("the mean of the last minutes is no rate while nothing can flow", () => {
  const topology = withChanges(aFlowWithoutStore(), {}, { "enrichment-pipeline→influxdb": { rate_per_minute: 60 } });
  const line = toLines(topology).find(({ edge }) => edge.id === "enrichment-pipeline→influxdb");
  expect(line).toMatchObject({ state: "interrupted", rate: null });
});

test("nothing that flows is a rate of 0 where all is well", () => {
  const topology = withChanges(aTopology(), {}, { "influxdb→admin-api": { rate_per_minute: 0, active: false } });
  expect(toLines(topology).find(({ connection }) => connection.type === "query")).toMatchObject({ state: "idle", rate: 0 });
});

test("without a store nothing comes into it and into the enrichment-pipeline", () => {
  expect([...stillParts(toLines(aFlowWithoutStore()))]).toEqual(["enrichment-pipeline", "influxdb"]);
  expect([...stillParts(toLines(aTopology()))]).toEqual([]);
});

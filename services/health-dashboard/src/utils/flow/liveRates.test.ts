// @vitest-environment node
import { aTopology, aFlowWithoutStore } from "@/test/flowFixtures";
import { withLiveRate } from "@/utils/flow/liveRates";
import { expect, test } from "vitest";

const intoStore = (topology: ReturnType<typeof aTopology>) => topology.edges.find(({ source, target }) => source === "enrichment-pipeline" && target === "influxdb");

test("the rate into the store is that of the last minute", () => {
  const live = withLiveRate(aTopology(), 47);
  expect(intoStore(live)).toMatchObject({ rate_per_minute: 47, active: true });
  expect(live.nodes.find(({ kind }) => kind === "store")?.rate_per_minute).toBe(47);
  expect(live.edges.filter(({ rate_per_minute }) => rate_per_minute === 47)).toHaveLength(1);
});

test("nothing stored in the last minute is no flow", () => {
  expect(intoStore(withLiveRate(aTopology(), 0))).toMatchObject({ rate_per_minute: 0, active: false });
});

test("without statistics, or without a store, the answer stays as it is", () => {
  const away = aFlowWithoutStore();
  expect(withLiveRate(away, 47)).toBe(away);
  const topology = aTopology();
  expect(withLiveRate(topology, null)).toBe(topology);
});

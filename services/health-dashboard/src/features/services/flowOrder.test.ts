import { inFlowOrder } from "@/features/services/flowOrder";
import { expect, test } from "vitest";

test("services come in the order of the flow, once each, unknown ones last by name", () => {
  const names = ["zigbee", "admin-api", "backup", "enrichment-pipeline", "admin-api", "websocket-ingestion"];
  expect(inFlowOrder(names)).toEqual(["websocket-ingestion", "enrichment-pipeline", "admin-api", "backup", "zigbee"]);
});

import { matchPath } from "@/lib/matchPath";
import { expect, test } from "vitest";

test.each([
  ["/", "/", {}],
  ["/", "", {}],
  ["flow", "/flow", {}],
  ["flow", "/flow/", {}],
  ["entities/:entityId", "/entities/sensor.kitchen_temperature", { entityId: "sensor.kitchen_temperature" }],
  ["entities/:entityId", "/entities/a%2Fb%20%25", { entityId: "a/b %" }],
  ["entities/:entityId", "/entities/%2541", { entityId: "%41" }],
])("%s is %s", (pattern, path, parameters) => {
  expect(matchPath(pattern, path)).toEqual(parameters);
});

test.each([
  ["flow", "/"],
  ["/", "/flow"],
  ["flow", "/Flow"],
  ["flow", "/flow/more"],
  ["entities/:entityId", "/entities"],
  ["entities/:entityId", "/entities/%E0%A4%A"],
])("%s is not %s", (pattern, path) => {
  expect(matchPath(pattern, path)).toBeNull();
});

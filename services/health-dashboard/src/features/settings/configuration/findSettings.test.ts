import { findSettings } from "@/features/settings/configuration/findSettings";
import { aSetting } from "@/test/settingsFixtures";
import { expect, test } from "vitest";

const SETTINGS = [
  aSetting({ variable: "HA_URL", group: "Home Assistant", value: "http://ha.local:8123", source: ".env" }),
  aSetting({ variable: "HA_TOKEN", group: "Home Assistant", value: "********", source: "file", is_secret: true }),
  aSetting({ variable: "LOG_LEVEL", group: "Logging", value: "INFO", description: "What is logged" }),
];
const found = (...question: [string, Parameters<typeof findSettings>[2]]) =>
  findSettings(SETTINGS, ...question).flatMap(({ settings }) => settings.map(({ variable }) => variable));

test("settings are in their groups", () => {
  expect(findSettings(SETTINGS, "", "").map(({ title, settings }) => [title, settings.length])).toEqual([
    ["Home Assistant", 2],
    ["Logging", 1],
  ]);
});

test("every word is looked for in name, value, meaning and group, whatever the case", () => {
  expect(found("ha_url", "")).toEqual(["HA_URL"]);
  expect(found("LOCAL:8123", "")).toEqual(["HA_URL"]);
  expect(found("logged info", "")).toEqual(["LOG_LEVEL"]);
  expect(found("home assistant token", "")).toEqual(["HA_TOKEN"]);
  expect(found("nothing", "")).toEqual([]);
});

test("settings are found by where they come from", () => {
  expect(found("", "set")).toEqual(["HA_URL", "HA_TOKEN"]);
  expect(found("", "file")).toEqual(["HA_TOKEN"]);
  expect(found("", "default")).toEqual(["LOG_LEVEL"]);
});

import { prettyPayload } from "@/features/records/rejected/prettyPayload";
import { expect, test } from "vitest";

test("JSON is indented", () => {
  expect(prettyPayload('{"a":{"b":1}}', 100)).toMatchObject({ text: '{\n  "a": {\n    "b": 1\n  }\n}', isJson: true, isCut: false });
});

test("a payload that is not JSON is unchanged, markup included", () => {
  const payload = '<img src=x onerror="alert(1)">{';
  expect(prettyPayload(payload, 100)).toEqual({ text: payload, isJson: false, length: payload.length, isCut: false });
});

test("a long payload is cut, with its full length", () => {
  expect(prettyPayload("x".repeat(50), 10)).toEqual({ text: "x".repeat(10), isJson: false, length: 50, isCut: true });
});

test("numbers that JavaScript cannot hold do not make the page fail", () => {
  expect(prettyPayload("[1e999]", 100).isJson).toBe(true);
});

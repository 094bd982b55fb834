// @vitest-environment node
import { arrowHead, flatten, labelPlace, lengthOf, pointAt, toPath } from "@/utils/flow/path";
import { expect, test } from "vitest";

const STRAIGHT = [{ x: 0, y: 10 }, { x: 100, y: 10 }];
const ELBOW = [{ x: 0, y: 0 }, { x: 0, y: 50 }, { x: 200, y: 50 }];

test("a straight line is a line", () => {
  expect(toPath(STRAIGHT)).toBe("M0,10L100,10");
});

test("a corner is rounded", () => {
  expect(toPath(ELBOW, 10)).toBe("M0,0L0,40Q0,50 10,50L200,50");
});

test("a corner takes no more than half of a short segment", () => {
  expect(toPath([{ x: 0, y: 0 }, { x: 0, y: 8 }, { x: 100, y: 8 }], 10)).toBe("M0,0L0,4Q0,8 4,8L100,8");
});

test("the pieces follow the rounded line from end to end", () => {
  const line = flatten(ELBOW, 10);
  expect(line[0]).toEqual(ELBOW[0]);
  expect(line.at(-1)).toEqual(ELBOW.at(-1));
  expect(lengthOf(line)).toBeLessThan(250);
  expect(lengthOf(line)).toBeGreaterThan(242);
});

test("no points are no line", () => {
  expect(toPath([])).toBe("");
  expect(flatten([])).toEqual([]);
  expect(lengthOf([])).toBe(0);
  expect(arrowHead([])).toBe("");
});

test.each([
  [0, { x: 0, y: 0 }],
  [25, { x: 0, y: 25 }],
  [50, { x: 0, y: 50 }],
  [90, { x: 40, y: 50 }],
  [250, { x: 200, y: 50 }],
  [260, { x: 210, y: 50 }],
])("after %i px of the way", (way, point) => {
  expect(pointAt(ELBOW, way)).toEqual(point);
});

test.each([
  ["right", STRAIGHT, "M95,5L100,10L95,15"],
  ["left", [{ x: 100, y: 10 }, { x: 0, y: 10 }], "M5,15L0,10L5,5"],
  ["down", [{ x: 10, y: 0 }, { x: 10, y: 100 }], "M15,95L10,100L5,95"],
  ["up", [{ x: 10, y: 100 }, { x: 10, y: 0 }], "M5,5L10,0L15,5"],
])("an arrow points %s", (_, points, d) => {
  expect(arrowHead(points)).toBe(d);
});

test("a label stands on a horizontal first segment, else on the longest one", () => {
  expect(labelPlace(STRAIGHT)).toEqual({ x: 50, y: 10, isHorizontal: true, room: 100 });
  expect(labelPlace(ELBOW)).toEqual({ x: 60, y: 50, isHorizontal: true, room: 200 });
  const fan = [{ x: 0, y: 0 }, { x: 40, y: 0 }, { x: 40, y: 90 }, { x: 80, y: 90 }];
  expect(labelPlace(fan)).toEqual({ x: 20, y: 0, isHorizontal: true, room: 40 });
  expect(labelPlace(fan, true)).toEqual({ x: 40, y: 45, isHorizontal: false, room: 90 });
});

/** A line with rounded corners: as an SVG path and as points. */
import { distance, type Point } from "@/utils/flow/geometry";

const RADIUS = 14;
const PIECES = 5;
const ORIGIN = { x: 0, y: 0 };

interface Segment {
  readonly from: Point;
  readonly to: Point;
}

interface Corner {
  readonly start: Point;
  readonly corner: Point;
  readonly end: Point;
}

/** Return the `d` of an SVG path. */
export function toPath(points: readonly Point[], radius = RADIUS): string {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return "";
  const corners = cornersOf(points, radius).map(({ start, corner, end }) => `L${pair(start)}Q${pair(corner)} ${pair(end)}`);
  return `M${pair(first)}${corners.join("")}L${pair(last)}`;
}

/** Return the line as short straight segments. */
export function flatten(points: readonly Point[], radius = RADIUS): Point[] {
  const corners = cornersOf(points, radius).flatMap(({ start, corner, end }) =>
    Array.from({ length: PIECES + 1 }, (_, at) => onQuadratic(start, corner, end, at / PIECES)),
  );
  return [...points.slice(0, 1), ...corners, ...points.slice(1).slice(-1)];
}

/** Return the length of a line of straight segments. */
export function lengthOf(line: readonly Point[]): number {
  return line.slice(1).reduce((sum, point, at) => sum + distance(line[at] ?? point, point), 0);
}

export interface LabelPlace extends Point {
  readonly isHorizontal: boolean;
  /** Length of the segment. */
  readonly room: number;
}

/** Return the point at a distance along the line; beyond its end, in straight continuation. */
export function pointAt(line: readonly Point[], way: number): Point {
  let rest = way;
  for (const [at, from] of line.entries()) {
    const to = line[at + 1];
    if (!to) return from;
    const piece = distance(from, to);
    if ((rest <= piece || at === line.length - 2) && piece > 0) return { x: from.x + ((to.x - from.x) * rest) / piece, y: from.y + ((to.y - from.y) * rest) / piece };
    rest -= piece;
  }
  return ORIGIN;
}

/** Return the position of the label: on the first segment if that is horizontal, otherwise on the longest, near the start. */
export function labelPlace(points: readonly Point[], isOnLongest = false): LabelPlace {
  const segments = points.slice(1).map((to, at): Segment => ({ from: points[at] ?? to, to }));
  const [first = { from: ORIGIN, to: ORIGIN }] = segments;
  const longest = segments.reduce((best, next) => (lengthOf([next.from, next.to]) > lengthOf([best.from, best.to]) ? next : best), first);
  const { from, to } = !isOnLongest && first.from.y === first.to.y ? first : longest;
  const share = segments.length < 3 && from !== first.from ? 0.3 : 0.5;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share, isHorizontal: from.y === to.y, room: distance(from, to) };
}

/** Return the `d` of an open arrow at the end of a line. */
export function arrowHead(points: readonly Point[], size = 5): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (!tip || !before) return "";
  const length = distance(before, tip) || 1;
  const [ux, uy] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const wing = (side: number) => ({ x: tip.x - size * (ux - side * uy), y: tip.y - size * (uy + side * ux) });
  return `M${pair(wing(1))}L${pair(tip)}L${pair(wing(-1))}`;
}

function cornersOf(points: readonly Point[], radius: number): Corner[] {
  return points.slice(1, -1).map((corner, at) => {
    const [before, after] = [points[at] ?? corner, points[at + 2] ?? corner];
    const reach = Math.min(radius, distance(before, corner) / 2, distance(corner, after) / 2);
    return { start: towards(corner, before, reach), corner, end: towards(corner, after, reach) };
  });
}

function towards(from: Point, to: Point, reach: number): Point {
  const length = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * reach) / length, y: from.y + ((to.y - from.y) * reach) / length };
}

function onQuadratic(start: Point, corner: Point, end: Point, t: number): Point {
  const at = (a: number, b: number, c: number) => (1 - t) ** 2 * a + 2 * (1 - t) * t * b + t ** 2 * c;
  return { x: at(start.x, corner.x, end.x), y: at(start.y, corner.y, end.y) };
}

function pair({ x, y }: Point): string {
  return `${round(x)},${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

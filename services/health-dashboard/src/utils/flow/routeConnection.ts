/** Routes a line between two boxes around the boxes between them, in horizontal and vertical segments. */
import type { Connection } from "@/types/flow";
import { crosses, edgesOf, type Box, type Point } from "@/utils/flow/geometry";
import { GUTTER, type FlowLayout } from "@/utils/flow/layoutFlow";

/** Half the distance between two lines in opposite directions. */
const LANE = { wide: 22, narrow: 44 };
/** If two boxes share less of a side, they are not connected by a straight line. */
const LEAST_SHARED = 24;
const CHANNEL = { usual: 46, fallback: 24 };
const PORT_SHIFT = 12;
const FALLBACK_SHIFT = 40;
const FAN = { ports: 20, turns: 12 };

/** Return the corners of a connection's line; empty if one of its ends is not drawn. */
export function routeConnection(connection: Connection, layout: FlowLayout, all: readonly Connection[]): Point[] {
  const from = layout.boxes.get(connection.from);
  const to = layout.boxes.get(connection.to);
  if (!from || !to) return [];
  const isFallback = connection.type === "fallback";
  if (layout.shape === "wide" && !isFallback) {
    const fan = fanInto(connection.to, layout, all);
    if (fan.length > 1 && fan.includes(connection.from)) return fanLine(from, to, fan.indexOf(connection.from), fan.length);
  }
  const between = [...layout.boxes.values()].filter((box) => box !== from && box !== to);
  const straight = straightLine(from, to, laneOf(connection, all) * LANE[layout.shape]);
  if (straight && !between.some((box) => crosses(straight[0], straight[1], box))) return straight;
  if (layout.shape === "narrow") {
    const side = connection.type === "api" || isFallback ? "left" : "right";
    const skipped = between.filter(({ y }) => y > Math.min(from.y, to.y) && y < Math.max(from.y, to.y)).length;
    return throughGutter(from, to, side, isFallback ? 0.2 * (1 + skipped) : 0.8);
  }
  return throughChannel(from, to, isFallback);
}

/** -1 and 1 for two connections in opposite directions between the same boxes, otherwise 0. */
function laneOf({ from, to, type }: Connection, all: readonly Connection[]): -1 | 0 | 1 {
  const hasTwin = all.some((other) => other.from === to && other.to === from);
  if (!hasTwin) return 0;
  return type === "storage" ? -1 : 1;
}

function straightLine(from: Box, to: Box, shift: number): [Point, Point] | null {
  const [a, b] = [edgesOf(from), edgesOf(to)];
  const sharedY = [Math.max(a.top, b.top), Math.min(a.bottom, b.bottom)] as const;
  if (sharedY[1] - sharedY[0] >= LEAST_SHARED) {
    const y = (sharedY[0] + sharedY[1]) / 2 + shift;
    return a.right <= b.left ? [{ x: a.right, y }, { x: b.left, y }] : [{ x: a.left, y }, { x: b.right, y }];
  }
  const sharedX = [Math.max(a.left, b.left), Math.min(a.right, b.right)] as const;
  if (sharedX[1] - sharedX[0] < LEAST_SHARED) return null;
  const x = (sharedX[0] + sharedX[1]) / 2 + shift;
  return a.bottom <= b.top ? [{ x, y: a.bottom }, { x, y: b.top }] : [{ x, y: a.top }, { x, y: b.bottom }];
}

/** The parts of the first column that are connected to a part, from the top down. */
function fanInto(part: string, { boxes }: FlowLayout, all: readonly Connection[]): string[] {
  const into = boxes.get(part);
  const leftmost = Math.min(...[...boxes.values()].map(({ x }) => x));
  return all
    .filter(({ from, to, type }) => to === part && type !== "fallback" && boxes.get(from)?.x === leftmost && into?.x !== leftmost)
    .map(({ from }) => from)
    .sort((a, b) => (boxes.get(a)?.y ?? 0) - (boxes.get(b)?.y ?? 0));
}

/** One of several lines into the left side of a box. The outer ones turn later, so that no two cross. */
function fanLine(from: Box, to: Box, at: number, count: number): Point[] {
  const [a, b] = [edgesOf(from), edgesOf(to)];
  const fromMiddle = at - (count - 1) / 2;
  const y = b.centreY + fromMiddle * Math.min(FAN.ports, (to.height - FAN.ports) / (count - 1));
  if (Math.abs(y - a.centreY) < 2) return [{ x: a.right, y: a.centreY }, { x: b.left, y: a.centreY }];
  const x = (a.right + b.left) / 2 + Math.abs(fromMiddle) * FAN.turns - FAN.turns / 2;
  return [{ x: a.right, y: a.centreY }, { x, y: a.centreY }, { x, y }, { x: b.left, y }];
}

/** Down into the space below the box, along it, and into the side or the top of the other box. */
function throughChannel(from: Box, to: Box, isFallback: boolean): Point[] {
  const [a, b] = [edgesOf(from), edgesOf(to)];
  const shift = isFallback ? FALLBACK_SHIFT : 0;
  const x = a.centreX - shift;
  const y = a.bottom + (isFallback ? CHANNEL.fallback : CHANNEL.usual);
  const start = [{ x, y: a.bottom }, { x, y }];
  if (y > b.top && y < b.bottom) return [...start, { x: a.right <= b.left ? b.left : b.right, y }];
  const end = b.centreX - shift;
  return [...start, { x: end, y }, { x: end, y: y < b.top ? b.top : b.bottom }];
}

/** Out at a side, along the gutter at a share of its width, and in at the same side. */
function throughGutter(from: Box, to: Box, side: "left" | "right", share: number): Point[] {
  const [a, b] = [edgesOf(from), edgesOf(to)];
  const away = GUTTER * share;
  const x = side === "right" ? Math.max(a.right, b.right) + away : Math.min(a.left, b.left) - away;
  const [start, end] = [a.centreY + PORT_SHIFT, b.centreY - PORT_SHIFT];
  return [{ x: a[side], y: start }, { x, y: start }, { x, y: end }, { x: b[side], y: end }];
}

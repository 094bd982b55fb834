/** Finds the part in the direction of an arrow key. */
import { edgesOf, type Box } from "@/utils/flow/geometry";

const DIRECTIONS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const;

export type Direction = (typeof DIRECTIONS)[number];

/** Return whether a key is an arrow key. */
export function isDirection(key: string): key is Direction {
  return DIRECTIONS.some((direction) => direction === key);
}

/** Return the nearest box in a direction, with sideways distance counted double; null if there is none. */
export function neighbour(boxes: ReadonlyMap<string, Box>, id: string, direction: Direction): string | null {
  const start = boxes.get(id);
  if (!start) return null;
  const from = edgesOf(start);
  let best: { id: string; cost: number } | null = null;
  for (const [other, box] of boxes) {
    const to = edgesOf(box);
    const [dx, dy] = [to.centreX - from.centreX, to.centreY - from.centreY];
    const ahead = { ArrowLeft: -dx, ArrowRight: dx, ArrowUp: -dy, ArrowDown: dy }[direction];
    const aside = direction === "ArrowLeft" || direction === "ArrowRight" ? dy : dx;
    const cost = ahead + 2 * Math.abs(aside);
    if (other !== id && ahead > 1 && (best === null || cost < best.cost)) best = { id: other, cost };
  }
  return best?.id ?? null;
}

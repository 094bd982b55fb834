/** Points and boxes in CSS pixels, y downwards. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Return edges and centre of a box. */
export function edgesOf({ x, y, width, height }: Box) {
  return { left: x, right: x + width, top: y, bottom: y + height, centreX: x + width / 2, centreY: y + height / 2 };
}

/** Return whether two boxes overlap by more than an edge. */
export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Return whether a horizontal or vertical segment crosses a box. */
export function crosses(from: Point, to: Point, box: Box): boolean {
  const { left, right, top, bottom } = edgesOf(box);
  return Math.min(from.x, to.x) < right && Math.max(from.x, to.x) > left && Math.min(from.y, to.y) < bottom && Math.max(from.y, to.y) > top;
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

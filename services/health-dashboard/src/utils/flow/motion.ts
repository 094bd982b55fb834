/** The motion of dots on a line: one dot per event at low rates, and never faster than the eye can follow. */
import type { Point } from "@/utils/flow/geometry";
import { lengthOf, pointAt } from "@/utils/flow/path";

/** Pixels per second, at low rates and at most. */
const SLOWEST = 30;
const FASTEST = 75;
/** Events per minute from which on the speed is constant. */
const FASTEST_FROM = 600;
/** Minimum distance between dots. */
const LEAST_SPACING = 60;
/** A rate change below this factor is ignored, because each change makes the dots jump. */
const STEADY_FACTOR = 1.3;
/** About 17 frames per second: at 60, a machine without a graphics card takes twice as long to compose them. */
export const STEP_MS = 60;
/** Distance that a dot moves into the box at the end, where it is hidden until its next turn. */
const HIDDEN = 8;

export interface Motion {
  /** Number of dots on the line. */
  readonly dots: number;
  /** Time between the starts of two dots. */
  readonly intervalMs: number;
  /** Time from one end of the line to the other. */
  readonly travelMs: number;
}

export interface TravelFrame extends Point {
  /** Elapsed share of the animation, from 0 to 1. */
  readonly offset: number;
}

/** Return pixels per second for a rate, on a logarithmic scale. */
export function speedAt(ratePerMinute: number): number {
  const share = Math.log1p(Math.max(0, ratePerMinute)) / Math.log1p(FASTEST_FROM);
  return SLOWEST + (FASTEST - SLOWEST) * Math.min(1, share);
}

/** Return the width of a line in pixels: a hundredfold rate adds two pixels. */
export function widthAt(ratePerMinute: number | null): number {
  return 1.5 + Math.min(2.5, Math.log10(1 + Math.max(0, ratePerMinute ?? 0)));
}

/** Return the motion for a line length; null if nothing moves. */
export function motionAt(ratePerMinute: number | null, length: number): Motion | null {
  if (ratePerMinute === null || ratePerMinute <= 0 || length <= 0) return null;
  const speed = speedAt(ratePerMinute) / 1000;
  const intervalMs = inSteps(Math.max(60_000 / ratePerMinute, LEAST_SPACING / speed));
  const travelMs = inSteps(length / speed);
  return { dots: Math.ceil(travelMs / intervalMs), intervalMs, travelMs };
}

/** Return the rate to draw: the previous one unless the new one differs enough. */
export function steadyRate(before: number | null, now: number | null): number | null {
  if (before === null || now === null || before <= 0 || now <= 0) return now;
  return Math.max(before / now, now / before) < STEADY_FACTOR ? before : now;
}

/** Return the start offset of the first dot. It differs by line, because synchronous lines look like one. */
export function phaseMs([start]: readonly Point[], { intervalMs }: Motion): number {
  return start ? inSteps(((start.x * 7 + start.y * 13) * 10) % intervalMs) : 0;
}

/**
 * Return the keyframes of a dot: along the line, then hidden in the box at its end. They are steps, so that all dots of a page move at the same time and the
 * frame rate is limited.
 */
export function travelFrames(line: readonly Point[], { dots, intervalMs, travelMs }: Motion): TravelFrame[] {
  const length = lengthOf(line);
  if (length === 0) return [];
  const turnMs = dots * intervalMs;
  const steps = Math.min(Math.round(travelMs / STEP_MS), Math.round(turnMs / STEP_MS));
  const frames = Array.from({ length: steps }, (_, at) => ({ ...pointAt(line, (length * at) / steps), offset: (at * STEP_MS) / turnMs }));
  return [...frames, { ...pointAt(line, length + HIDDEN), offset: Math.min(1, (steps * STEP_MS) / turnMs) }];
}

function inSteps(ms: number): number {
  return Math.max(1, Math.round(ms / STEP_MS)) * STEP_MS;
}

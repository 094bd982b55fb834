/** How dots move on a line: one dot is one event while the eye can count them, and never faster than it can follow. */
import type { Point } from "@/utils/flow/geometry";
import { lengthOf, pointAt } from "@/utils/flow/path";

/** Pixels a second: of a rare event, and the most. */
const SLOWEST = 30;
const FASTEST = 75;
/** The rate a minute from which on nothing gets faster. */
const FASTEST_FROM = 600;
/** Dots never come closer than this. */
const LEAST_SPACING = 60;
/** A change of the rate by less than this factor changes no dot, as each change makes them jump. */
const STEADY_FACTOR = 1.3;
/** Some seventeen pictures a second: at sixty, a machine without a graphics card takes twice as long to compose them. */
export const STEP_MS = 60;
/** How far a dot goes into the box at the end, where it is hidden until its next turn. */
const HIDDEN = 8;

export interface Motion {
  /** How many dots share the line. */
  readonly dots: number;
  /** From one dot's departure to the next one's. */
  readonly intervalMs: number;
  /** From one end of the line to the other. */
  readonly travelMs: number;
}

export interface TravelFrame extends Point {
  /** The share of a dot's turn that is over. */
  readonly offset: number;
}

/** Pixels a second at a rate: slow to fast on a logarithmic scale. */
export function speedAt(ratePerMinute: number): number {
  const share = Math.log1p(Math.max(0, ratePerMinute)) / Math.log1p(FASTEST_FROM);
  return SLOWEST + (FASTEST - SLOWEST) * Math.min(1, share);
}

/** How wide a line is at a rate, in pixels: a hundredfold rate is two pixels more. */
export function widthAt(ratePerMinute: number | null): number {
  return 1.5 + Math.min(2.5, Math.log10(1 + Math.max(0, ratePerMinute ?? 0)));
}

/** The motion on a line of a length; null where nothing moves. */
export function motionAt(ratePerMinute: number | null, length: number): Motion | null {
  if (ratePerMinute === null || ratePerMinute <= 0 || length <= 0) return null;
  const speed = speedAt(ratePerMinute) / 1000;
  const intervalMs = inSteps(Math.max(60_000 / ratePerMinute, LEAST_SPACING / speed));
  const travelMs = inSteps(length / speed);
  return { dots: Math.ceil(travelMs / intervalMs), intervalMs, travelMs };
}

/** The rate to draw: the one before while the new one hardly differs. */
export function steadyRate(before: number | null, now: number | null): number | null {
  if (before === null || now === null || before <= 0 || now <= 0) return now;
  return Math.max(before / now, now / before) < STEADY_FACTOR ? before : now;
}

/** When the first dot departs within an interval: elsewhere on each line, as lines that beat together look like one. */
export function phaseMs([start]: readonly Point[], { intervalMs }: Motion): number {
  return start ? inSteps(((start.x * 7 + start.y * 13) * 10) % intervalMs) : 0;
}

/**
 * Where a dot is at each step of its turn: along the line, then hidden in the box at its end. Steps, so that all dots of
 * a page move at the same moments and the picture is composed as often as needed and no oftener.
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

/** Combines heartbeat slots into bars and spans. Pure. */
import type { HeartbeatSlot } from "@/types/api";

export interface Beat {
  readonly startMs: number;
  readonly endMs: number;
  readonly state: HeartbeatSlot["state"];
  readonly reports: number;
  readonly expected: number;
  readonly failed: number;
}

/** Return the slots of a service, merged to fit into the width; a merged slot has the worse state. */
export function toBeats(slots: readonly HeartbeatSlot[], slotS: number, most: number): Beat[] {
  const each = Math.max(1, Math.ceil(slots.length / Math.max(1, most)));
  const beats = slots.map((slot) => {
    const startMs = Date.parse(slot.start);
    return { ...slot, startMs, endMs: startMs + slotS * 1000 };
  });
  const groups: Beat[] = [];
  // From the end, so that the newest bar is complete; the oldest can have fewer slots.
  for (let end = beats.length; end > 0; end -= each) {
    const [first, ...others] = beats.slice(Math.max(0, end - each), end);
    if (first) groups.unshift(others.reduce<Beat>(join, pick(first)));
  }
  return groups;
}

/** Return the spans with one state, oldest first, for a short table. */
export function toRuns(beats: readonly Beat[]): Beat[] {
  const runs: Beat[] = [];
  for (const beat of beats) {
    const last = runs.at(-1);
    if (last?.state === beat.state) runs[runs.length - 1] = join(last, beat);
    else runs.push(beat);
  }
  return runs;
}

const WORSE: readonly Beat["state"][] = ["unknown", "up", "degraded", "down"];

function join(one: Beat, next: Beat): Beat {
  return {
    startMs: one.startMs,
    endMs: next.endMs,
    state: joined(one.state, next.state),
    reports: one.reports + next.reports,
    expected: one.expected + next.expected,
    failed: one.failed + next.failed,
  };
}

/** Up and down together are degraded. */
function joined(one: Beat["state"], next: Beat["state"]): Beat["state"] {
  if ((one === "down" && next === "up") || (one === "up" && next === "down")) return "degraded";
  return WORSE.indexOf(one) >= WORSE.indexOf(next) ? one : next;
}

function pick({ startMs, endMs, state, reports, expected, failed }: Beat): Beat {
  return { startMs, endMs, state, reports, expected, failed };
}

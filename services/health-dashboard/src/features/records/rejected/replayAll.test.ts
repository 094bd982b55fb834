import { replayAll, type ReplayProgress } from "@/features/records/rejected/replayAll";
import { aRejectedEvent, NOW_MS, timeAt } from "@/test/fixtures";
import type { ReplayAnswer, ReplayOutcome } from "@/types/api";
import { expect, test } from "vitest";

/** A file of rejected events with pages of two; an event that is rejected again is saved as a new entry. */
class RejectedFile {
  waiting = [3, 2, 1].map((number) => aRejectedEvent({ id: `e${number}`, time: timeAt(NOW_MS - 1000 + number) }));
  outcome: ReplayOutcome = "written";
  steps: ReplayProgress[] = [];
  fails = false;

  run(isStopped: () => boolean = () => false): Promise<void> {
    return replayAll({
      list: (end) =>
        Promise.resolve({
          events: this.waiting.filter(({ time }) => end === undefined || Date.parse(time) < Date.parse(end)).slice(0, 2),
          counts: {},
          next_cursor: null,
        }),
      replay: (id) => (this.fails ? Promise.reject(new Error("away")) : Promise.resolve(this.replay(id))),
      onProgress: (progress) => this.steps.push(progress),
      isStopped,
    });
  }

  private replay(id: string): ReplayAnswer {
    this.waiting = this.waiting.filter((event) => event.id !== id);
    if (this.outcome === "rejected") this.waiting.unshift(aRejectedEvent({ id: `${id} again`, time: timeAt(NOW_MS + 60_000) }));
    return { id, outcome: this.outcome, replayed: timeAt(NOW_MS), key: null, message: null };
  }
}

test("all pages are replayed, and each step is reported", async () => {
  const file = new RejectedFile();
  await file.run();
  expect(file.waiting).toEqual([]);
  expect(file.steps.at(-1)).toEqual({ done: 3, outcomes: { written: 3 } });
});

test("an event that is rejected again is not replayed endlessly", async () => {
  const file = new RejectedFile();
  file.outcome = "rejected";
  await file.run();
  expect(file.steps.at(-1)).toEqual({ done: 3, outcomes: { rejected: 3 } });
  expect(file.waiting).toHaveLength(3);
});

test("it stops before the next event", async () => {
  const file = new RejectedFile();
  await file.run(() => file.steps.length === 1);
  expect(file.waiting.map(({ id }) => id)).toEqual(["e2", "e1"]);
});

test("a failure stops it with the reason", async () => {
  const file = new RejectedFile();
  file.fails = true;
  await expect(file.run()).rejects.toThrow("away");
  expect(file.waiting).toHaveLength(3);
});

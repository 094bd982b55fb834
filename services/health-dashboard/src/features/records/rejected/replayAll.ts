/** Replays all rejected events with one reason, one at a time, until none is left or it is stopped. */
import type { RejectedAnswer, ReplayAnswer, ReplayOutcome } from "@/types/api";

export interface ReplayProgress {
  readonly done: number;
  readonly outcomes: Readonly<Partial<Record<ReplayOutcome, number>>>;
}

interface ReplayAllParts {
  /** Returns the newest events that are not replayed yet, before `end` if given. */
  readonly list: (end: string | undefined) => Promise<RejectedAnswer>;
  readonly replay: (id: string) => Promise<ReplayAnswer>;
  readonly onProgress: (progress: ReplayProgress) => void;
  readonly isStopped: () => boolean;
}

/**
 * Resolves when all are replayed. An event that is rejected again is a new entry after `end`, which is not replayed.
 * Throws the errors of listing and replaying, and stops at the first one.
 */
export async function replayAll({ list, replay, onProgress, isStopped }: ReplayAllParts): Promise<void> {
  const seen = new Set<string>();
  const outcomes: Partial<Record<ReplayOutcome, number>> = {};
  let end: string | undefined;
  while (!isStopped()) {
    const { events } = await list(end);
    const left = events.filter(({ id }) => !seen.has(id));
    const [newest] = left;
    if (newest === undefined) return;
    end ??= new Date(Date.parse(newest.time) + 1).toISOString();
    for (const { id } of left) {
      if (isStopped()) return;
      const { outcome } = await replay(id);
      seen.add(id);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      onProgress({ done: seen.size, outcomes: { ...outcomes } });
    }
  }
}

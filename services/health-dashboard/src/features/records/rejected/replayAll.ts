/** Replays all rejected events of one reason, one after the other, until none is left or somebody stops it. */
import type { RejectedAnswer, ReplayAnswer, ReplayOutcome } from "@/types/api";

export interface ReplayProgress {
  readonly done: number;
  readonly outcomes: Readonly<Partial<Record<ReplayOutcome, number>>>;
}

interface ReplayAllParts {
  /** The newest that were not replayed yet, before `end` where it is given. */
  readonly list: (end: string | undefined) => Promise<RejectedAnswer>;
  readonly replay: (id: string) => Promise<ReplayAnswer>;
  readonly onProgress: (progress: ReplayProgress) => void;
  readonly isStopped: () => boolean;
}

/**
 * Return when all are replayed. What is rejected again becomes a new entry, which is left alone: `end` lies before it.
 * Throws what listing or replaying throws; then nothing more is replayed.
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

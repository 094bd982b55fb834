/** A run of replays with progress, which can be stopped. */
import { getRejectedPage } from "@/api/records/getRejected";
import { replayRejected } from "@/api/records/replayRejected";
import { replayAll, type ReplayProgress } from "@/features/records/rejected/replayAll";
import type { Parameters } from "@/lib/http";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

export interface ReplayRun {
  readonly state: "ready" | "running" | "done" | "stopped" | "failed";
  readonly progress: ReplayProgress;
  readonly error: string | null;
  readonly start: () => void;
  readonly stop: () => void;
}

const PER_PAGE = 100;
const NOTHING: ReplayProgress = { done: 0, outcomes: {} };

/** `question` selects the events by reason, home and time. Leaving the page stops the run. */
export function useReplayAll(question: Parameters): ReplayRun {
  const queries = useQueryClient();
  const isStopped = useRef(false);
  const [state, setState] = useState<ReplayRun["state"]>("ready");
  const [progress, setProgress] = useState(NOTHING);
  const [error, setError] = useState<string | null>(null);
  useEffect(
    () => () => {
      isStopped.current = true;
    },
    [],
  );
  const start = () => {
    isStopped.current = false;
    setState("running");
    replayAll({
      list: (end) => getRejectedPage({ ...question, ...(end !== undefined && { end }), replayed: "false", limit: PER_PAGE }),
      replay: replayRejected,
      onProgress: setProgress,
      isStopped: () => isStopped.current,
    })
      .then(() => {
        setState(isStopped.current ? "stopped" : "done");
      })
      .catch((reason: unknown) => {
        setError(reason instanceof Error ? reason.message : String(reason));
        setState("failed");
      })
      .finally(() => queries.invalidateQueries({ queryKey: ["rejected"] }));
  };
  const stop = () => {
    isStopped.current = true;
  };
  return { state, progress, error, start, stop };
}

/** `POST /rejected/{id}/replay`: deliver a rejected event once more. */
import { postJson } from "@/lib/http";
import type { ReplayAnswer } from "@/types/api";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

/** Replays one; how it ended. */
export function replayRejected(id: string): Promise<ReplayAnswer> {
  return postJson(`rejected/${encodeURIComponent(id)}/replay`);
}

/** Replays one, and reads the lists that it stands in anew. */
export function useReplay(): UseMutationResult<ReplayAnswer, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: replayRejected,
    onSuccess: async (_, id) => {
      await queries.invalidateQueries({ queryKey: ["rejected-event", id] });
      await queries.invalidateQueries({ queryKey: ["rejected"] });
    },
  });
}

/** `POST /rejected/{id}/replay`: deliver a rejected event again. */
import { postJson } from "@/lib/http";
import type { ReplayAnswer } from "@/types/api";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

/** Replay one event and return the outcome. */
export function replayRejected(id: string): Promise<ReplayAnswer> {
  return postJson(`rejected/${encodeURIComponent(id)}/replay`);
}

/** Replay one event and refetch the lists that contain it. */
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

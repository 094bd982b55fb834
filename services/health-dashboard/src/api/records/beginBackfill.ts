/** `POST /backfill`: fetch the history of a time range from Home Assistant. */
import { fillingOptions } from "@/api/records/getFilling";
import { changeJson } from "@/lib/http";
import type { BackfillAnswer } from "@/types/api";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

export interface BackfillRange {
  /** RFC 3339. */
  readonly start: string;
  readonly end: string;
}

/** Start a backfill and refetch its progress and the list of gaps. */
export function useBeginBackfill(): UseMutationResult<BackfillAnswer, Error, BackfillRange> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (range) => changeJson<BackfillAnswer>("POST", "backfill", range),
    onSuccess: async (answer) => {
      queries.setQueryData(["backfill"], answer);
      await queries.invalidateQueries({ queryKey: fillingOptions().queryKey });
      await queries.invalidateQueries({ queryKey: ["gaps"] });
    },
  });
}

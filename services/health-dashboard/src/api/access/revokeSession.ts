/** `DELETE /sessions/{id}`: sign a browser out. */
import { sessionsOptions } from "@/api/access/getSessions";
import { sendJson } from "@/lib/http";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

/** Ends it, and reads the list anew. */
export function useRevokeSession(): UseMutationResult<void, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id) => sendJson("DELETE", `sessions/${encodeURIComponent(id)}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionsOptions().queryKey }),
  });
}

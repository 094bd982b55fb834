/** `DELETE /sessions/{id}`: end a session. */
import { sessionsOptions } from "@/api/access/getSessions";
import { sendJson } from "@/lib/http";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

/** End a session and refetch the list. */
export function useRevokeSession(): UseMutationResult<void, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id) => sendJson("DELETE", `sessions/${encodeURIComponent(id)}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionsOptions().queryKey }),
  });
}

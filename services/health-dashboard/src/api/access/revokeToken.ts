/** `DELETE /tokens/{id}`: revoke a token and end the sessions started with it. */
import { sessionsOptions } from "@/api/access/getSessions";
import { tokensOptions } from "@/api/access/getTokens";
import { sendJson } from "@/lib/http";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

/** Revoke a token and refetch tokens and sessions. */
export function useRevokeToken(): UseMutationResult<void, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id) => sendJson("DELETE", `tokens/${encodeURIComponent(id)}`),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: tokensOptions().queryKey });
      await queries.invalidateQueries({ queryKey: sessionsOptions().queryKey });
    },
  });
}

/** `DELETE /tokens/{id}`: take a token out of use, with the sessions that were begun with it. */
import { sessionsOptions } from "@/api/access/getSessions";
import { tokensOptions } from "@/api/access/getTokens";
import { sendJson } from "@/lib/http";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

/** Revokes it, and reads both lists anew. */
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

/** `POST /tokens`: create a token. The secret is only in this answer. */
import { tokensOptions } from "@/api/access/getTokens";
import { changeJson } from "@/lib/http";
import type { NewToken, Scope } from "@/types/api";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

export interface TokenWish {
  readonly name: string;
  readonly scope: Scope;
  /** A duration such as `90d`; null: the token never expires. */
  readonly expires_in: string | null;
}

/** Create a token and refetch the list. The secret is kept only in the state of the calling component. */
export function useCreateToken(): UseMutationResult<NewToken, Error, TokenWish> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish) => changeJson<NewToken>("POST", "tokens", wish),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensOptions().queryKey }),
  });
}

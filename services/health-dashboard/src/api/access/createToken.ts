/** `POST /tokens`: a new token; its secret is in the answer, and nowhere else. */
import { tokensOptions } from "@/api/access/getTokens";
import { changeJson } from "@/lib/http";
import type { NewToken, Scope } from "@/types/api";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

export interface TokenWish {
  readonly name: string;
  readonly scope: Scope;
  /** A period such as `90d`; null: never. */
  readonly expires_in: string | null;
}

/** Creates it, and reads the list anew. Its secret is forgotten with the component that asked for it. */
export function useCreateToken(): UseMutationResult<NewToken, Error, TokenWish> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish) => changeJson<NewToken>("POST", "tokens", wish),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensOptions().queryKey }),
  });
}

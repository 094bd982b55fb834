/** `/session`: sign in with a token, read name and scope, sign out. The session cookie is not readable by scripts. */
import { access, leaveSignIn } from "@/lib/access";
import { getJson, sendJson } from "@/lib/http";
import type { SessionAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** Start a session; throws ApiError with status 401 if the token is not valid. */
export async function signIn(token: string): Promise<void> {
  await sendJson("POST", "session", { token });
  leaveSignIn();
}

/** End the session in all places that use its cookie. */
export async function signOut(): Promise<void> {
  await sendJson("DELETE", "session");
  access.set({ isRefused: true, mayGoBack: false });
}

/** Query name and scope of the viewer; refetched only after a sign-in. */
export function useSession(): UseQueryResult<SessionAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["session"],
      queryFn: ({ signal }) => getJson<SessionAnswer>("session", {}, signal),
      staleTime: Infinity,
    }),
  );
}

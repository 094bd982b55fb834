/** `/session`: sign in with a token, see as whom, and sign out; the browser keeps the cookie, no script sees it. */
import { access, leaveSignIn } from "@/lib/access";
import { getJson, sendJson } from "@/lib/http";
import type { SessionAnswer } from "@/types/api";
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

/** Begins a session; throws ApiError with status 401 where the token does not count. */
export async function signIn(token: string): Promise<void> {
  await sendJson("POST", "session", { token });
  leaveSignIn();
}

/** Ends the session, here and for whoever else holds its cookie. */
export async function signOut(): Promise<void> {
  await sendJson("DELETE", "session");
  access.set({ isRefused: true, mayGoBack: false });
}

/** Who one is; asked once, and again after signing in. */
export function useSession(): UseQueryResult<SessionAnswer> {
  return useQuery(
    queryOptions({
      queryKey: ["session"],
      queryFn: ({ signal }) => getJson<SessionAnswer>("session", {}, signal),
      staleTime: Infinity,
    }),
  );
}

/** Signs in by a sign-in link when the page is loaded, and when a link is pasted into the address of the open page. */
import { signIn } from "@/api/access/session";
import { takeLinkToken } from "@/features/session/linkToken";
import { access } from "@/lib/access";
import { useEffect, useState } from "react";

interface SignInLink {
  /** Whether the sign-in is in progress; no requests must be sent before it is complete. */
  readonly isPending: boolean;
  /** Why the link failed. */
  readonly problem: string | null;
}

export function useSignInLink(): SignInLink {
  const [token, setToken] = useState(takeLinkToken);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const onHashChange = () => {
      const found = takeLinkToken();
      if (found !== null) setToken(found);
    };
    window.addEventListener("hashchange", onHashChange);
    return () => {
      window.removeEventListener("hashchange", onHashChange);
    };
  }, []);
  useEffect(() => {
    if (token === null) return;
    signIn(token)
      .then(() => {
        setProblem(null);
      })
      .catch((error: unknown) => {
        setProblem(error instanceof Error ? error.message : String(error));
        access.set({ isRefused: true, mayGoBack: true });
      })
      .finally(() => {
        setToken(null);
      });
  }, [token]);
  return { isPending: token !== null, problem };
}

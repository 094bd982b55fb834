/** Signs in by the link that led here, on arrival and when one is pasted into the address of the open page. */
import { signIn } from "@/api/access/session";
import { takeLinkToken } from "@/features/session/linkToken";
import { access } from "@/lib/access";
import { useEffect, useState } from "react";

interface SignInLink {
  /** Whether the answer is still awaited: nothing should be asked before. */
  readonly isPending: boolean;
  /** Why the link did not sign in. */
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

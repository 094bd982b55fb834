/** The sign-in form: asks for a token if the Admin API requires one, and explains how to get it. */
import { signIn } from "@/api/access/session";
import { Button } from "@/components/controls/Button";
import { Logo } from "@/components/signs/Logo";
import { useStore } from "@/hooks/useStore";
import { access, leaveSignIn } from "@/lib/access";
import { useEffect, useId, useRef, useState, type ReactNode, type SyntheticEvent } from "react";

interface SignInProps {
  /** Why the sign-in link failed. */
  readonly linkProblem?: string | null;
}

export function SignIn({ linkProblem = null }: SignInProps): ReactNode {
  const [problem, setProblem] = useState<string | null>(linkProblem);
  const mayGoBack = useStore(access, (state) => state.mayGoBack);
  const [isAsking, setIsAsking] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const [labelId, hintId, problemId] = [useId(), useId(), useId()];
  useEffect(() => {
    input.current?.focus();
  }, []);

  const onSubmit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault(); // no form submission by the browser, only by fetch
    if (isAsking) return;
    setIsAsking(true);
    setProblem(null);
    signIn(input.current?.value.trim() ?? "").catch((error: unknown) => {
      setProblem(error instanceof Error ? error.message : String(error));
      setIsAsking(false);
      input.current?.focus();
    });
  };

  return (
    <main className="grid min-h-dvh place-items-center px-4 py-8">
      <form
        onSubmit={onSubmit}
        aria-labelledby={labelId}
        className="w-full max-w-md space-y-4 rounded-xl border border-line bg-surface p-6 shadow-card"
      >
        <div className="flex items-center gap-3">
          <Logo />
          <h1 id={labelId} className="text-base font-semibold tracking-tight">
            Sign in to HA Ingestor
          </h1>
        </div>
        <label className="block space-y-1.5">
          <span className="text-sm font-medium">Token</span>
          <input
            ref={input}
            type="password"
            name="token"
            required
            maxLength={200}
            autoComplete="current-password"
            spellCheck={false}
            aria-describedby={problem === null ? hintId : `${problemId} ${hintId}`}
            aria-invalid={problem !== null}
            className="block h-10 w-full rounded-lg border border-line-strong bg-ground px-3 font-mono text-sm text-ink"
          />
        </label>
        {problem !== null && (
          <p id={problemId} role="alert" className="text-sm text-bad">
            {problem}
          </p>
        )}
        <p id={hintId} className="text-sm text-ink-soft">
          <code className="font-mono text-xs break-words text-ink">ha-ingestor link</code> prints a link that is valid for one sign-in;{" "}
          <code className="font-mono text-xs break-words text-ink">ha-ingestor tokens create</code> creates a token.
        </p>
        <div className="flex gap-2">
          <Button type="submit">{isAsking ? "Signing in…" : "Sign in"}</Button>
          {mayGoBack && <Button onClick={leaveSignIn}>Back</Button>}
        </div>
      </form>
    </main>
  );
}

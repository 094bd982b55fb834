/** A note that names the required scope, in place of a form or data. */
import { useSession } from "@/api/access/session";
import { Button } from "@/components/controls/Button";
import { Notice } from "@/components/signs/Notice";
import { askToSignIn } from "@/lib/access";
import { scopeTexts } from "@/texts/scope";
import type { Scope } from "@/types/api";
import type { ReactNode } from "react";

interface ScopeNoteProps {
  readonly scope: Scope;
  /** Subject, as the beginning of a sentence: `Changing filters`. */
  readonly what: string;
}

export function ScopeNote({ scope, what }: ScopeNoteProps): ReactNode {
  const { data } = useSession();
  if (data === undefined) return null;
  return (
    <Notice tone="neutral" icon="lock" action={<Button onClick={askToSignIn}>{scopeTexts.signIn}</Button>}>
      {scopeTexts.needs(what, scope)} {data.kind === null ? scopeTexts.noToken : scopeTexts.has(data.scope)}
    </Notice>
  );
}

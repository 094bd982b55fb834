/** Tokens and sessions: who has access to HA Ingestor. */
import { useSessions } from "@/api/access/getSessions";
import { useTokens } from "@/api/access/getTokens";
import { SessionsCard } from "@/features/settings/access/SessionsCard";
import { TokensCard } from "@/features/settings/access/TokensCard";
import { useNow } from "@/hooks/useNow";
import { asLoadable } from "@/utils/asLoadable";
import type { ReactNode } from "react";

export function AccessView(): ReactNode {
  const [tokens, sessions] = [asLoadable(useTokens()), asLoadable(useSessions())];
  const nowMs = useNow();
  return (
    <>
      <TokensCard tokens={tokens} sessions={sessions.data?.sessions ?? []} nowMs={nowMs} />
      <SessionsCard sessions={sessions} tokens={tokens.data?.tokens ?? []} nowMs={nowMs} />
    </>
  );
}

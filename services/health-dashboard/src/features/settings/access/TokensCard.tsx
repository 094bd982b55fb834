/** The tokens with scope and last use, a form to create one, and buttons to revoke them. */
import { useRevokeToken } from "@/api/access/revokeToken";
import { Badge } from "@/components/signs/Badge";
import { Button } from "@/components/controls/Button";
import { Card } from "@/components/layout/Card";
import { ConfirmDialog } from "@/components/dialogs/ConfirmDialog";
import { Faces } from "@/components/signs/Faces";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { expiryWords, usedWords } from "@/features/settings/access/accessFacts";
import { CreateTokenForm } from "@/features/settings/access/CreateTokenForm";
import { accessTexts as texts } from "@/texts/settings";
import type { Session, Token, TokensAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatMoment } from "@/utils/format/formatTime";
import { staleBecause } from "@/utils/time/staleBecause";
import { useState, type ReactNode } from "react";

interface TokensCardProps {
  readonly tokens: Loadable<TokensAnswer>;
  readonly sessions: readonly Session[];
  readonly nowMs: number;
}

export function TokensCard({ tokens, sessions, nowMs }: TokensCardProps): ReactNode {
  const [revoking, setRevoking] = useState<Token | null>(null);
  return (
    <Card title={texts.tokens} note={texts.tokensNote} staleBecause={staleBecause(tokens)}>
      <Faces
        source={tokens}
        loading={<SkeletonRows rows={3} />}
        isEmpty={(data) => data.tokens.length === 0}
        empty={{ title: texts.noTokens, text: texts.noTokensText }}
      >
        {(data) => (
          <ul aria-label={texts.tokens} className="divide-y divide-line">
            {data.tokens.map((token) => (
              <li key={token.id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-5 py-3">
                <div className="min-w-48 flex-1">
                  <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
                    <bdi className="[overflow-wrap:anywhere]">{token.name}</bdi>
                    <Badge tone={token.scope === "operate" || token.scope === "admin" ? "info" : "neutral"}>{token.scope}</Badge>
                    <code className="font-mono text-xs font-normal text-ink-faint">{token.id}</code>
                  </p>
                  <p className="text-xs text-ink-soft">
                    {[texts.createdAt(formatMoment(Date.parse(token.created), nowMs)), usedWords(token, nowMs), expiryWords(token, nowMs)].join(" · ")}
                  </p>
                </div>
                <Button
                  kind="danger"
                  label={texts.revokeOf(token.name)}
                  onClick={() => {
                    setRevoking(token);
                  }}
                >
                  {texts.revoke}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Faces>
      <div className="border-t border-line px-5 py-4">
        <CreateTokenForm />
      </div>
      {revoking !== null && (
        <RevokeDialog
          token={revoking}
          sessions={sessions.filter(({ token_id }) => token_id === revoking.id)}
          onClose={() => {
            setRevoking(null);
          }}
        />
      )}
    </Card>
  );
}

interface RevokeDialogProps {
  readonly token: Token;
  /** The sessions started with the token. */
  readonly sessions: readonly Session[];
  readonly onClose: () => void;
}

function RevokeDialog({ token, sessions, onClose }: RevokeDialogProps): ReactNode {
  const revoke = useRevokeToken();
  return (
    <ConfirmDialog
      kind="danger"
      title={texts.revokeTitle(token.name)}
      confirm={texts.revoke}
      isPending={revoke.isPending}
      error={revoke.error?.message ?? null}
      onConfirm={() => {
        revoke.mutate(token.id, { onSuccess: onClose });
      }}
      onCancel={onClose}
    >
      <p>{texts.revokeText}</p>
      {sessions.length > 0 && <p>{texts.revokeSessions(sessions.length)}</p>}
      {sessions.some(({ is_own }) => is_own) && <p className="text-warn">{texts.revokeOwn}</p>}
    </ConfirmDialog>
  );
}

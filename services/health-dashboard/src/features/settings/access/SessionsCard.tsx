/** The active browser sessions, with this one marked; each can be ended. */
import { useRevokeSession } from "@/api/access/revokeSession";
import { Badge } from "@/components/signs/Badge";
import { Button } from "@/components/controls/Button";
import { Card } from "@/components/layout/Card";
import { ConfirmDialog } from "@/components/dialogs/ConfirmDialog";
import { Faces } from "@/components/signs/Faces";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { expiryWords, usedWords } from "@/features/settings/access/accessFacts";
import { SessionButton } from "@/features/session/SessionButton";
import { accessTexts as texts } from "@/texts/settings";
import type { Session, SessionsAnswer, Token } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatMoment } from "@/utils/format/formatTime";
import { staleBecause } from "@/utils/time/staleBecause";
import { useState, type ReactNode } from "react";

interface SessionsCardProps {
  readonly sessions: Loadable<SessionsAnswer>;
  readonly tokens: readonly Token[];
  readonly nowMs: number;
}

export function SessionsCard({ sessions, tokens, nowMs }: SessionsCardProps): ReactNode {
  const [ending, setEnding] = useState<Session | null>(null);
  const originOf = ({ token_id }: Session) =>
    token_id === null ? texts.byLink : texts.byToken(tokens.find(({ id }) => id === token_id)?.name ?? token_id);
  return (
    <Card title={texts.sessions} note={texts.sessionsNote} staleBecause={staleBecause(sessions)}>
      <Faces
        source={sessions}
        loading={<SkeletonRows rows={3} />}
        isEmpty={(data) => data.sessions.length === 0}
        empty={{ title: texts.noSessions, text: texts.noSessionsText }}
      >
        {(data) => (
          <ul aria-label={texts.sessions} className="divide-y divide-line">
            {data.sessions.map((session) => (
              <li key={session.id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-5 py-3">
                <div className="min-w-48 flex-1">
                  <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
                    <bdi className="[overflow-wrap:anywhere]">{session.name}</bdi>
                    <Badge tone={session.scope === "read" ? "neutral" : "info"}>{session.scope}</Badge>
                    {session.is_own && <Badge tone="good">{texts.own}</Badge>}
                    <code className="font-mono text-xs font-normal text-ink-faint">{session.id}</code>
                  </p>
                  <p className="text-xs text-ink-soft">
                    {[
                      texts.signedInAt(formatMoment(Date.parse(session.created), nowMs)),
                      originOf(session),
                      usedWords(session, nowMs),
                      expiryWords(session, nowMs),
                    ].join(" · ")}
                  </p>
                </div>
                {session.is_own ? (
                  <SessionButton />
                ) : (
                  <Button
                    kind="danger"
                    label={texts.endOf(session.name, session.id)}
                    onClick={() => {
                      setEnding(session);
                    }}
                  >
                    {texts.end}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Faces>
      {ending !== null && (
        <EndDialog
          session={ending}
          onClose={() => {
            setEnding(null);
          }}
        />
      )}
    </Card>
  );
}

function EndDialog({ session, onClose }: { readonly session: Session; readonly onClose: () => void }): ReactNode {
  const revoke = useRevokeSession();
  return (
    <ConfirmDialog
      kind="danger"
      title={texts.endTitle(session.name)}
      confirm={texts.end}
      isPending={revoke.isPending}
      error={revoke.error?.message ?? null}
      onConfirm={() => {
        revoke.mutate(session.id, { onSuccess: onClose });
      }}
      onCancel={onClose}
    >
      <p>{texts.endText}</p>
    </ConfirmDialog>
  );
}

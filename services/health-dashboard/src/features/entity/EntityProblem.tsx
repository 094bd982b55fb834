/** Why the page of an entity cannot be shown: unknown id, several homes with this entity, or a failed request. */
import { Button } from "@/components/controls/Button";
import { Link } from "@/components/links/Link";
import { Message } from "@/components/signs/Message";
import { ApiError } from "@/lib/http";
import { entityTexts as texts } from "@/texts/entities";
import { FACES } from "@/texts/faces";
import { entityPath } from "@/utils/address/entityPath";
import type { ReactNode } from "react";

interface EntityProblemProps {
  readonly entityId: string;
  readonly error: Error;
  readonly homes: readonly string[];
  readonly onRetry: () => void;
}

const LINK = "text-sm font-medium text-accent underline underline-offset-2";

export function EntityProblem({ entityId, error, homes, onRetry }: EntityProblemProps): ReactNode {
  const isUnknown = error instanceof ApiError && (error.status === 404 || error.detail["field"] === "entity_id"); // or the id is not valid
  const similar = isUnknown ? nearest(error) : [];
  const isInSeveral = error instanceof ApiError && error.detail["field"] === "home";
  return (
    <div className="rounded-xl border border-line bg-surface shadow-card">
      {isUnknown && (
        <Message
          tone="neutral"
          icon="search"
          title={texts.unknownTitle}
          text={texts.unknownText(entityId)}
          action={
            <div className="mt-3 flex flex-wrap justify-center gap-x-4 gap-y-2">
              {similar.length > 0 && <span className="text-sm text-ink-soft">{texts.didYouMean}</span>}
              {similar.map((id) => (
                <Link key={id} to={entityPath(id)} className={LINK}>
                  {id}
                </Link>
              ))}
              <Link to="/entities" className={LINK}>
                {texts.toList}
              </Link>
            </div>
          }
        />
      )}
      {isInSeveral && (
        <Message
          tone="neutral"
          icon="home"
          title={entityId}
          text={texts.whichHome}
          action={
            <ul className="mt-3 flex flex-wrap justify-center gap-x-4 gap-y-2">
              {homes.map((home) => (
                <li key={home}>
                  <Link to={entityPath(entityId, home)} className={LINK}>
                    {home}
                  </Link>
                </li>
              ))}
            </ul>
          }
        />
      )}
      {!isUnknown && !isInSeveral && (
        <Message role="alert" tone="bad" icon="alert" title={error.message} text={FACES.retried} action={<div className="mt-3"><Button onClick={onRetry}>{FACES.retry}</Button></div>} />
      )}
    </div>
  );
}

function nearest({ detail }: ApiError): string[] {
  const given = detail["nearest"];
  return Array.isArray(given) ? given.filter((each) => typeof each === "string") : [];
}

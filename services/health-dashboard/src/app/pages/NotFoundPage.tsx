/** Shown for an unknown address. */
import { Link } from "@/components/links/Link";
import { Message } from "@/components/signs/Message";
import { navigationTexts as texts } from "@/texts/navigation";
import type { ReactNode } from "react";

export function NotFoundPage(): ReactNode {
  return (
    <div className="rounded-xl border border-line bg-surface shadow-card">
      <title>{`${texts.notFoundTitle} · HA Ingestor`}</title>
      <h1 className="sr-only">{texts.notFoundTitle}</h1>
      <Message
        tone="neutral"
        icon="alert"
        title={texts.notFoundTitle}
        text={texts.notFoundText}
        action={
          <Link to="/" className="mt-3 text-sm font-medium text-accent underline underline-offset-2">
            {texts.toOverview}
          </Link>
        }
      />
    </div>
  );
}

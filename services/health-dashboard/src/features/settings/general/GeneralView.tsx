/** The general settings: theme, identity of the viewer, version, and links to the API. */
import { useSession } from "@/api/access/session";
import { useVersion } from "@/api/system/getVersion";
import { Card } from "@/components/layout/Card";
import { AboutCard } from "@/features/settings/general/AboutCard";
import { SessionButton } from "@/features/session/SessionButton";
import { generalTexts as texts } from "@/texts/settings";
import type { SessionAnswer } from "@/types/api";
import { asLoadable } from "@/utils/asLoadable";
import { formatExact } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

/** `theme` is the control that is also in the header. */
export function GeneralView({ theme }: { readonly theme: ReactNode }): ReactNode {
  const { data: session } = useSession();
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <div className="space-y-4">
        <Card title={texts.appearance}>
          <div className="flex flex-wrap items-center gap-3 px-5 py-4">
            <span className="text-sm">{texts.theme}</span>
            {theme}
            <span className="text-xs text-ink-faint">{texts.themeHint}</span>
          </div>
        </Card>
        {session && (
          <Card title={texts.you} aside={<SessionButton />}>
            <div className="space-y-1 px-5 py-4 text-sm">
              <p>{whoWords(session)}</p>
              <p className="text-ink-soft">
                {texts.scope(session.scope)}. {texts.scopes[session.scope]}
              </p>
            </div>
          </Card>
        )}
      </div>
      <AboutCard version={asLoadable(useVersion())} />
    </div>
  );
}

function whoWords({ kind, name, expires }: SessionAnswer): string {
  if (kind === null) return texts.local;
  return expires === null ? texts.signedIn(name) : `${texts.signedIn(name)} ${texts.until(formatExact(Date.parse(expires)))}`;
}

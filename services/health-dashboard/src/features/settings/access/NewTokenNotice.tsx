/** The secret of a new token: shown once, selectable, with a button to copy it. */
import { Button } from "@/components/controls/Button";
import { CopyButton } from "@/components/controls/CopyButton";
import { Notice } from "@/components/signs/Notice";
import { accessTexts as texts } from "@/texts/settings";
import type { NewToken } from "@/types/api";
import type { ReactNode } from "react";

interface NewTokenNoticeProps {
  readonly token: NewToken;
  readonly onHide: () => void;
}

export function NewTokenNotice({ token, onHide }: NewTokenNoticeProps): ReactNode {
  return (
    <Notice tone="good" icon="check">
      <p className="font-medium">{texts.created(token.name)}</p>
      <p className="text-xs">{texts.once}</p>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <input
          readOnly
          aria-label={texts.secret}
          value={token.token}
          onFocus={(event) => {
            event.target.select();
          }}
          className="h-8 min-w-48 flex-1 rounded-lg border border-line-strong bg-surface px-2 font-mono text-xs text-ink"
        />
        <CopyButton text={token.token} what={texts.copyWhat} />
        <Button onClick={onHide}>{texts.hide}</Button>
      </div>
    </Notice>
  );
}

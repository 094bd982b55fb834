/** The end of the list: loads older events, and shows when there are none or loading failed. */
import { Button } from "@/components/controls/Button";
import { eventsTexts as texts } from "@/texts/events";
import type { ReactNode } from "react";

interface OlderEventsProps {
  readonly isAsked: boolean;
  readonly isLoading: boolean;
  readonly isAtEnd: boolean;
  readonly error: Error | null;
  readonly onMore: () => void;
}

export function OlderEvents({ isAsked, isLoading, isAtEnd, error, onMore }: OlderEventsProps): ReactNode {
  return (
    <div className="flex flex-wrap items-center justify-center gap-3 border-t border-line px-5 py-4 text-xs text-ink-faint">
      {isAtEnd ? (
        <p>{texts.oldest}</p>
      ) : (
        <Button onClick={onMore} isDisabled={isLoading}>
          {isLoading ? texts.loadingOlder : texts.older}
        </Button>
      )}
      {isAsked && <p role="status">{texts.heldStill}</p>}
      {error !== null && (
        <p role="alert" className="text-bad">
          {texts.olderFailed(error.message)}
        </p>
      )}
    </div>
  );
}

/** The four states of fetched data: loading, empty, error, ready. Old data stays visible while a refetch fails. */
import { Button } from "@/components/controls/Button";
import { Message } from "@/components/signs/Message";
import { useStore } from "@/hooks/useStore";
import { freshness } from "@/lib/freshness";
import { FACES as WORDS } from "@/texts/faces";
import type { Loadable } from "@/types/loadable";
import type { ReactNode } from "react";

export interface EmptyWords {
  readonly title: string;
  readonly text: string;
}

interface FacesProps<Data> {
  readonly source: Loadable<Data>;
  readonly loading: ReactNode;
  readonly empty: EmptyWords;
  readonly isEmpty: (data: Data) => boolean;
  readonly children: (data: Data) => ReactNode;
}

export function Faces<Data>({ source, loading, empty, isEmpty, children }: FacesProps<Data>): ReactNode {
  const { data, error, retry } = source;
  if (data !== undefined && isEmpty(data)) return <Message tone="neutral" icon="clock" {...empty} />;
  if (data !== undefined) return children(data);
  if (error !== null) return <ErrorFace error={error} onRetry={retry} />;
  return (
    <div role="status" className="h-full">
      <span className="sr-only">Loading</span>
      {loading}
    </div>
  );
}

function ErrorFace({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }): ReactNode {
  const hasBanner = useStore(freshness, (state) => state.hasBanner);
  if (hasBanner) return <Message tone="neutral" icon="clock" title={WORDS.notAvailable} text={WORDS.comesBack} />;
  return (
    <Message
      role="alert"
      tone="bad"
      icon="alert"
      title={error.message}
      text={WORDS.retried}
      action={
        <div className="mt-3">
          <Button onClick={onRetry}>{WORDS.retry}</Button>
        </div>
      }
    />
  );
}

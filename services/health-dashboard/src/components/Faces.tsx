/** The four faces of whatever is fetched: loading, empty, error, ready; old data stays while a refresh fails. */
import { Button } from "@/components/Button";
import { Message } from "@/components/Message";
import { ApiError } from "@/lib/http";
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
  const isDamage = error instanceof ApiError && error.key === "store_damaged"; // said once, and not in every card
  return (
    <Message
      role="alert"
      tone="bad"
      icon="alert"
      title={isDamage ? "The store is damaged" : error.message}
      text={isDamage ? "The top of the page says what to do." : "It is asked again every few seconds."}
      action={
        <div className="mt-3">
          <Button onClick={onRetry}>Try now</Button>
        </div>
      }
    />
  );
}

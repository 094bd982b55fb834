/** Loading and error states of a page; the rest of the application stays usable. */
import { useReloadWhenBack } from "@/hooks/useReloadWhenBack";
import { isLoadFailure } from "@/lib/isLoadFailure";
import { Button } from "@/components/controls/Button";
import { Message } from "@/components/signs/Message";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { navigationTexts as texts } from "@/texts/navigation";
import { Component, Suspense, type ReactNode } from "react";

interface PageFrameProps {
  readonly children: ReactNode;
}

export class PageFrame extends Component<PageFrameProps, { readonly error: Error | null }> {
  override readonly state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { readonly error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    if (this.state.error !== null) return <Failed error={this.state.error} />;
    return <Suspense fallback={<Loading />}>{this.props.children}</Suspense>;
  }
}

function Loading(): ReactNode {
  return (
    <div role="status" className="rounded-xl border border-line bg-surface shadow-card">
      <span className="sr-only">{texts.loading}</span>
      <SkeletonRows rows={8} />
    </div>
  );
}

function Failed({ error }: { readonly error: Error }): ReactNode {
  const isOld = isLoadFailure(error);
  useReloadWhenBack(isOld);
  return (
    <div className="rounded-xl border border-line bg-surface shadow-card">
      <Message
        role="alert"
        tone="bad"
        icon="alert"
        title={isOld ? texts.newVersionTitle : texts.crashTitle}
        text={isOld ? texts.newVersionText : texts.crashText}
        action={
          <div className="mt-3 space-y-3">
            <Button
              onClick={() => {
                location.reload();
              }}
            >
              {texts.reload}
            </Button>
            <details className="max-w-sm text-xs text-ink-faint">
              <summary className="cursor-pointer">{texts.details}</summary>
              <code className="break-words">{error.message}</code>
            </details>
          </div>
        }
      />
    </div>
  );
}

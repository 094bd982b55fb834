/** An event as sent beside its stored point. Changed fields are highlighted; unchanged ones are collapsed. */
import { CopyButton } from "@/components/controls/CopyButton";
import { Notice } from "@/components/signs/Notice";
import { compareTapped, parsed, type ComparedField } from "@/features/tap/compareTapped";
import { describeTapped } from "@/features/tap/describeTapped";
import { FieldRows } from "@/features/tap/FieldRows";
import { tapTexts as texts } from "@/texts/tap";
import type { TappedEvent } from "@/types/api";
import { useMemo, type ReactNode } from "react";

export function TapComparison({ event }: { readonly event: TappedEvent }): ReactNode {
  const fields = useMemo(() => compareTapped(event), [event]);
  const { tone, outcome, reason } = describeTapped(event);
  return (
    <div className="space-y-3 rounded-lg bg-raised p-3 sm:p-4">
      <Notice tone={tone}>
        <b className="font-semibold">{outcome}:</b> <bdi>{reason}</bdi>
      </Notice>
      {event.is_cut && <p className="text-xs text-ink-soft">{texts.cut}</p>}
      {fields === null ? <Raw raw={event.raw} /> : <Fields fields={fields} raw={event.raw} />}
    </div>
  );
}

function Fields({ fields, raw }: { readonly fields: readonly ComparedField[]; readonly raw: string }): ReactNode {
  const of = (...kinds: ComparedField["kind"][]) => fields.filter(({ kind }) => kinds.includes(kind));
  const [same, leftOut] = [of("same"), of("leftOut")];
  return (
    <>
      <FieldRows fields={of("changed", "derived", "added")} isLabelled />
      {same.length > 0 && <Folded title={texts.unchangedFields(same.length)} fields={same} isOpen />}
      {leftOut.length > 0 && <Folded title={texts.leftOutFields(leftOut.length)} fields={leftOut} />}
      <details>
        <summary className="cursor-pointer text-xs font-medium text-ink-soft">{texts.raw}</summary>
        <div className="mt-2">
          <Raw raw={raw} />
        </div>
      </details>
    </>
  );
}

interface FoldedProps {
  readonly title: string;
  readonly fields: readonly ComparedField[];
  readonly isOpen?: boolean;
}

function Folded({ title, fields, isOpen = false }: FoldedProps): ReactNode {
  return (
    <details open={isOpen}>
      <summary className="cursor-pointer text-xs font-medium text-ink-soft">{title}</summary>
      <div className="mt-2">
        <FieldRows fields={fields} />
      </div>
    </details>
  );
}

function Raw({ raw }: { readonly raw: string }): ReactNode {
  const sent = parsed(raw);
  return (
    <div className="space-y-2">
      <pre
        tabIndex={0}
        aria-label={texts.raw}
        className="max-h-96 overflow-auto rounded-md border border-line bg-surface p-3 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {sent === null ? raw : JSON.stringify(sent, null, 2)}
      </pre>
      <CopyButton text={raw} what={texts.copyWhat} />
    </div>
  );
}

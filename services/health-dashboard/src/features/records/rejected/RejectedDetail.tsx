/** The payload of a rejected event, always as plain text; a long one is cut until expanded. */
import { useRejectedEvent } from "@/api/records/getRejectedEvent";
import { Button } from "@/components/controls/Button";
import { CopyButton } from "@/components/controls/CopyButton";
import { Faces } from "@/components/signs/Faces";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { prettyPayload } from "@/features/records/rejected/prettyPayload";
import { rejectedTexts as texts } from "@/texts/records";
import type { RejectedEventDetail } from "@/types/api";
import { asLoadable } from "@/utils/asLoadable";
import { formatCount } from "@/utils/format/formatNumber";
import { formatExact } from "@/utils/format/formatTime";
import { useState, type ReactNode } from "react";

const FIRST = 4_000;
/** A browser renders this much text without a noticeable delay. */
const MOST = 200_000;

export function RejectedDetail({ id }: { readonly id: string }): ReactNode {
  return (
    <Faces
      source={asLoadable(useRejectedEvent(id))}
      loading={<SkeletonRows rows={3} />}
      isEmpty={() => false}
      empty={{ title: texts.emptyTitle, text: texts.emptyText }}
    >
      {(event) => <Detail event={event} />}
    </Faces>
  );
}

function Detail({ event }: { readonly event: RejectedEventDetail }): ReactNode {
  const [most, setMost] = useState(FIRST);
  const payload = prettyPayload(event.payload, most);
  const facts = [
    [texts.arrived, formatExact(Date.parse(event.time))],
    [texts.by, event.service],
    [texts.kind, texts.kinds[event.origin_kind]],
  ] as const;
  return (
    <div className="space-y-3 rounded-lg bg-raised p-3">
      <dl className="flex flex-wrap gap-x-6 gap-y-1 text-xs">
        {facts.map(([name, value]) => (
          <div key={name} className="flex gap-1.5">
            <dt className="text-ink-faint">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-xs font-medium">
          {texts.payload} <span className="font-normal text-ink-faint">{payload.isJson ? texts.payloadJson : texts.payloadText}</span>
        </p>
        <CopyButton text={event.payload} what={texts.copyWhat} />
      </div>
      <pre
        tabIndex={0}
        aria-label={texts.payload}
        className="max-h-96 overflow-auto rounded-md border border-line bg-surface p-3 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {payload.text}
      </pre>
      {payload.isCut && (
        <p className="flex flex-wrap items-center gap-2 text-xs text-ink-soft">
          {texts.payloadCut(formatCount(payload.text.length), formatCount(payload.length))}
          {most < MOST && (
            <Button
              onClick={() => {
                setMost(MOST);
              }}
            >
              {texts.payloadAll}
            </Button>
          )}
        </p>
      )}
    </div>
  );
}

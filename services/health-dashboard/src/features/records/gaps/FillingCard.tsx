/** The running backfills with their progress. */
import { Card } from "@/components/layout/Card";
import { Notice } from "@/components/signs/Notice";
import { ProgressBar } from "@/components/signs/ProgressBar";
import { describeFilling } from "@/features/records/gaps/describeFilling";
import { fillingTexts as texts } from "@/texts/records";
import type { Filling, FillingAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { staleBecause } from "@/utils/time/staleBecause";
import { useId, type ReactNode } from "react";

interface FillingCardProps {
  readonly filling: Loadable<FillingAnswer>;
  readonly nowMs: number;
  readonly hasSeveralHomes: boolean;
}

export function FillingCard({ filling, nowMs, hasSeveralHomes }: FillingCardProps): ReactNode {
  const { data, error } = filling;
  if (data === undefined) return error === null ? null : <Notice tone="neutral" icon="alert">{texts.unknown(error.message)}</Notice>;
  if (data.filling.length === 0) return null;
  return (
    <Card title={texts.title} staleBecause={staleBecause(filling)}>
      <ul aria-label={texts.title} className="divide-y divide-line">
        {data.filling.map((each) => (
          <FillingRow key={each.home} filling={each} nowMs={nowMs} hasSeveralHomes={hasSeveralHomes} />
        ))}
      </ul>
    </Card>
  );
}

function FillingRow({ filling, nowMs, hasSeveralHomes }: { readonly filling: Filling; readonly nowMs: number; readonly hasSeveralHomes: boolean }): ReactNode {
  const id = useId();
  const words = describeFilling(filling, nowMs);
  return (
    <li className="space-y-2 px-5 py-3.5">
      <p id={id} className="flex flex-wrap items-baseline gap-x-2 text-sm">
        <span className="font-medium">{words.title}</span>
        {hasSeveralHomes && <bdi className="text-xs text-ink-faint">{filling.home}</bdi>}
      </p>
      <ProgressBar percent={filling.done_percent} labelledBy={id} />
      <p className="text-xs text-ink-soft">{words.progress}</p>
      {words.problem !== null && (
        <Notice tone="warn" icon="alert">
          {words.problem}
        </Notice>
      )}
    </li>
  );
}

/** One key figure: name, value and note. Its height is the same while loading. */
import { Skeleton } from "@/components/layout/Skeleton";
import { TONE_TEXT, type Tone } from "@/components/signs/tones";
import { figureTexts } from "@/texts/figures";
import { NO_VALUE } from "@/utils/format/formatNumber";
import type { ReactNode } from "react";

export interface FigureValue {
  readonly value: string;
  readonly unit?: string;
  readonly hint: string;
  readonly tone?: Tone;
  /** Stale: shown in grey. */
  readonly isStale?: boolean;
}

interface FigureProps {
  readonly label: string;
  readonly className?: string;
  /** Undefined while loading, null if it is unknown. */
  readonly figure: FigureValue | null | undefined;
}

export function Figure({ label, figure, className = "" }: FigureProps): ReactNode {
  return (
    <div className={`rounded-xl border border-line bg-surface px-4 py-3.5 shadow-card sm:px-5 ${className}`}>
      <dt className="text-xs font-medium text-ink-faint">{label}</dt>
      <dd className="mt-1.5">{figure === undefined ? <Loading /> : <Shown figure={figure ?? UNKNOWN} />}</dd>
    </div>
  );
}

const UNKNOWN: FigureValue = { value: NO_VALUE, hint: figureTexts.unknown };

function Shown({ figure: { value, unit, hint, tone, isStale = false } }: { readonly figure: FigureValue }): ReactNode {
  return (
    <>
      <p className={`leading-8 font-semibold tracking-tight break-words ${value.length > 10 ? "text-base sm:text-lg" : "text-xl sm:text-2xl"} ${isStale ? "text-ink-faint" : tone ? TONE_TEXT[tone] : ""}`}>
        {value}
        {unit !== undefined && <span className="ml-1.5 text-sm font-normal text-ink-faint">{unit}</span>}
      </p>
      <p className="mt-0.5 line-clamp-2 h-8 text-xs text-ink-soft" title={hint}>
        {hint}
      </p>
    </>
  );
}

function Loading(): ReactNode {
  return (
    <div role="status">
      <span className="sr-only">{figureTexts.loading}</span>
      <div className="flex h-8 items-center">
        <Skeleton className="h-7 w-24" />
      </div>
      <div className="mt-0.5 h-8">
        <Skeleton className="h-4 w-full max-w-32" />
      </div>
    </div>
  );
}

/** One key figure: its name, the number, what to know about it; as tall while loading as when ready. */
import { Skeleton } from "@/components/Skeleton";
import { TONE_TEXT, type Tone } from "@/components/tones";
import { NO_VALUE } from "@/utils/formatNumber";
import type { ReactNode } from "react";

export interface FigureValue {
  readonly value: string;
  readonly unit?: string;
  readonly hint: string;
  readonly tone?: Tone;
}

interface FigureProps {
  readonly label: string;
  /** Undefined while loading, null where it cannot be known. */
  readonly figure: FigureValue | null | undefined;
}

export function Figure({ label, figure }: FigureProps): ReactNode {
  return (
    <div className="rounded-xl border border-line bg-surface px-4 py-4 shadow-card sm:px-5">
      <dt className="text-xs font-medium text-ink-faint">{label}</dt>
      <dd className="mt-1.5">{figure === undefined ? <Loading /> : <Shown figure={figure ?? UNKNOWN} />}</dd>
    </div>
  );
}

const UNKNOWN: FigureValue = { value: NO_VALUE, hint: "not known at the moment" };

function Shown({ figure: { value, unit, hint, tone } }: { readonly figure: FigureValue }): ReactNode {
  return (
    <>
      <p className={`truncate text-xl leading-9 font-semibold sm:text-[1.75rem] tracking-tight ${tone ? TONE_TEXT[tone] : ""}`}>
        {value}
        {unit !== undefined && <span className="ml-1.5 text-sm font-normal text-ink-faint">{unit}</span>}
      </p>
      <p className="mt-0.5 line-clamp-2 h-8 text-xs text-ink-soft sm:h-4 sm:truncate" title={hint}>
        {hint}
      </p>
    </>
  );
}

function Loading(): ReactNode {
  return (
    <div role="status">
      <span className="sr-only">Loading</span>
      <div className="flex h-9 items-center">
        <Skeleton className="h-7 w-24" />
      </div>
      <div className="mt-0.5 h-8 sm:h-4">
        <Skeleton className="h-4 w-full max-w-32" />
      </div>
    </div>
  );
}

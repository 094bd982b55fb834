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
    <div className="rounded-xl border border-line bg-surface px-5 py-4 shadow-card">
      <dt className="text-xs font-medium text-ink-faint">{label}</dt>
      <dd className="mt-1.5">{figure === undefined ? <Loading /> : <Shown figure={figure ?? UNKNOWN} />}</dd>
    </div>
  );
}

const UNKNOWN: FigureValue = { value: NO_VALUE, hint: "not known at the moment" };

function Shown({ figure: { value, unit, hint, tone } }: { readonly figure: FigureValue }): ReactNode {
  return (
    <>
      <p className={`truncate text-[1.75rem] leading-9 font-semibold tracking-tight ${tone ? TONE_TEXT[tone] : ""}`}>
        {value}
        {unit !== undefined && <span className="ml-1.5 text-sm font-normal text-ink-faint">{unit}</span>}
      </p>
      <p className="mt-0.5 truncate text-xs text-ink-soft" title={hint}>
        {hint}
      </p>
    </>
  );
}

function Loading(): ReactNode {
  return (
    <div role="status">
      <span className="sr-only">Loading</span>
      <Skeleton className="my-1 h-7 w-24" />
      <Skeleton className="mt-1.5 h-3 w-32" />
    </div>
  );
}

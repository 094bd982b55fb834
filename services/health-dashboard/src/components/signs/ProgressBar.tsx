/** A progress bar with its percentage. */
import { formatPercent } from "@/utils/format/formatNumber";
import type { ReactNode } from "react";

interface ProgressBarProps {
  readonly percent: number;
  /** The id of the element that names it. */
  readonly labelledBy: string;
}

const BAR =
  "h-1.5 flex-1 appearance-none overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-accent " +
  "[&::-webkit-progress-bar]:bg-raised [&::-webkit-progress-value]:bg-accent";

export function ProgressBar({ percent, labelledBy }: ProgressBarProps): ReactNode {
  return (
    <div className="flex items-center gap-3">
      <progress aria-labelledby={labelledBy} max={100} value={percent} className={BAR} />
      <span className="text-xs text-ink-faint">{formatPercent(percent)}</span>
    </div>
  );
}

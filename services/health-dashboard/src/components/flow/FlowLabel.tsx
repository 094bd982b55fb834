/** The label of a line: beside it, so that the dots stay seen; on it where something is wrong and nothing moves. */
import { TONE_SOFT, type Tone } from "@/components/tones";
import type { Point } from "@/utils/flow/geometry";
import { labelPlace } from "@/utils/flow/path";
import type { ReactNode } from "react";

interface FlowLabelProps {
  readonly corners: readonly Point[];
  /** Null where nothing is wrong. */
  readonly tone: Tone | null;
  readonly children: string;
}

const BESIDE = { horizontal: "translate(-50%, -150%)", vertical: "translate(10px, -50%)" };

export function FlowLabel({ corners, tone, children }: FlowLabelProps): ReactNode {
  const { x, y, isHorizontal } = labelPlace(corners, tone !== null);
  const shift = tone !== null ? "translate(-50%, -50%)" : isHorizontal ? BESIDE.horizontal : BESIDE.vertical;
  return (
    <span
      aria-hidden="true"
      style={{ transform: `translate(${x}px, ${y}px) ${shift}` }}
      className={`absolute top-0 left-0 text-2xs leading-4 font-medium whitespace-nowrap ${tone === null ? "text-ink-soft" : `rounded-full px-2 ${TONE_SOFT[tone]}`}`}
    >
      {children}
    </span>
  );
}

/** The label of a line: beside it, so that the dots stay visible; on it if there is a problem and nothing moves. */
import { Icon } from "@/components/signs/Icon";
import { TONE_SOFT, type Tone } from "@/components/signs/tones";
import type { Point } from "@/utils/flow/geometry";
import { labelPlace } from "@/utils/flow/path";
import type { ReactNode } from "react";

interface FlowLabelProps {
  readonly corners: readonly Point[];
  /** Null if there is no problem. */
  readonly tone: Tone | null;
  readonly children: string;
}

/** A shorter line has an icon instead of words; the parts at its ends have the details. */
const LEAST_ROOM = 92;
const BESIDE = { horizontal: "translate(-50%, -150%)", vertical: "translate(10px, -50%)" };

export function FlowLabel({ corners, tone, children }: FlowLabelProps): ReactNode {
  const { x, y, isHorizontal, room } = labelPlace(corners, tone !== null);
  const shift = tone !== null ? "translate(-50%, -50%)" : isHorizontal ? BESIDE.horizontal : BESIDE.vertical;
  const isShort = tone !== null && isHorizontal && room < LEAST_ROOM;
  return (
    <span
      aria-hidden="true"
      style={{ transform: `translate(${x}px, ${y}px) ${shift}` }}
      className={`absolute top-0 left-0 text-2xs leading-4 font-medium whitespace-nowrap ${tone === null ? "text-ink-soft" : `rounded-full ${isShort ? "p-1" : "px-2"} ${TONE_SOFT[tone]}`}`}
    >
      {isShort ? <Icon name={tone === "bad" ? "cross" : "clock"} className="size-3.5" /> : children}
    </span>
  );
}

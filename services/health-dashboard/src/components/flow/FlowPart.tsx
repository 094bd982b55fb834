/** A part of the data flow: a button that opens its details, usable with keyboard and screen reader. */
import { PART_TONE } from "@/components/flow/flowColours";
import { PartIcon } from "@/components/flow/PartIcon";
import { TONE_SOFT, TONE_TEXT } from "@/components/signs/tones";
import { flowTexts } from "@/texts/flow";
import type { FlowNode } from "@/types/flow";
import { formatCount, formatShortRate } from "@/utils/format/formatNumber";
import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import type { ReactNode } from "react";

export interface FlowPartData extends Record<string, unknown> {
  readonly part: FlowNode;
  readonly shape: "wide" | "narrow";
  readonly isSelected: boolean;
  /** Whether its events cannot be delivered. */
  readonly isHeldUp: boolean;
  readonly onSelect: (id: string) => void;
}

export type FlowPartNode = Node<FlowPartData, "part">;

export function FlowPart({ data }: NodeProps<FlowPartNode>): ReactNode {
  const { part, shape, isSelected, isHeldUp, onSelect } = data;
  const isStore = part.kind === "store";
  const isRow = shape === "narrow";
  const tone = PART_TONE[part.status];
  const short = shortName(part);
  const border = isSelected ? "border-accent ring-2 ring-accent" : tone === "bad" ? "border-bad" : tone === "warn" ? "border-warn" : "border-line-strong";
  return (
    <>
      <button
        type="button"
        data-part={part.id}
        data-status={part.status}
        aria-pressed={isSelected}
        onClick={() => {
          onSelect(part.id);
        }}
        className={`relative flex size-full cursor-pointer gap-2 overflow-hidden rounded-xl border bg-surface px-3 py-2.5 text-left shadow-card transition-colors hover:bg-raised ${isRow ? "items-center justify-between" : `flex-col ${part.kind === "source" ? "justify-center" : "justify-between"}`} ${border}`}
      >
        {isStore && !isRow && <Tank />}
        <span className="relative flex items-start gap-2.5">
          <span className={`grid size-8 shrink-0 place-items-center rounded-lg ${TONE_SOFT[tone]}`}>
            <PartIcon part={part} />
          </span>
          <span className="min-w-0">
            <span className="line-clamp-2 text-[0.8125rem] leading-4 font-semibold break-words text-ink">
              {short !== part.label && <span className="sr-only">{part.label}</span>}
              <span aria-hidden={short !== part.label}>{short}</span>
            </span>
            <span className={`mt-0.5 flex items-center gap-1.5 text-2xs font-medium ${TONE_TEXT[tone]}`}>
              <span className="size-1.5 rounded-full bg-current" />
              {flowTexts.status[part.status]}
            </span>
          </span>
        </span>
        {part.kind !== "source" && (
          <span className={`relative flex flex-wrap items-baseline gap-x-2 gap-y-0.5 ${isRow ? "shrink-0 flex-col items-end" : "justify-between"}`}>
            <Rate rate={part.rate_per_minute} />
            {(part.queue_depth ?? 0) > 0 && !(isRow && isHeldUp) && ( // the line below has this number, and there is little space
              <span className={`rounded-full px-1.5 text-2xs leading-4 whitespace-nowrap ${TONE_SOFT[isHeldUp ? "warn" : "neutral"]}`}>
                {flowTexts.waiting(formatCount(part.queue_depth))}
              </span>
            )}
          </span>
        )}
      </button>
      <Handle type="target" position={Position.Left} isConnectable={false} className="invisible" />
      <Handle type="source" position={Position.Right} isConnectable={false} className="invisible" />
    </>
  );
}

/** If there are several homes, the name of the home distinguishes them. */
function shortName({ id, home, label }: FlowNode): string {
  return home !== null && id.endsWith(`:${home}`) ? home : label;
}

function Rate({ rate }: { readonly rate: number | null }): ReactNode {
  return (
    <span className="whitespace-nowrap">
      <span className="text-base leading-5 font-semibold tracking-tight text-ink">{formatShortRate(rate)}</span>
      {rate !== null && <span className="text-2xs text-ink-faint">{flowTexts.perMinute}</span>}
    </span>
  );
}

/** The cylinder symbol for databases, in the area of the store. */
function Tank(): ReactNode {
  const disc = "c0-4.400 15.700-8 35-8s35 3.600 35 8v10c0 4.400-15.700 8-35 8s-35-3.600-35-8z";
  return (
    <svg viewBox="0 0 84 90" className="absolute top-1/2 left-1/2 w-24 -translate-x-1/2 -translate-y-1/2 fill-raised stroke-line-strong" strokeWidth={1.2} aria-hidden="true">
      {[60, 36, 12].map((y) => (
        <g key={y}>
          <path d={`M7 ${y}${disc}`} />
          <path d={`M7 ${y}c0 4.400 15.700 8 35 8s35-3.600 35-8`} fill="none" />
        </g>
      ))}
    </svg>
  );
}

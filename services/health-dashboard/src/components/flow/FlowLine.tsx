/** A connection: a line in the colour of its type, an arrow, a label, and moving dots while events flow. */
import { CONNECTION_COLOUR } from "@/components/flow/flowColours";
import { FlowDots } from "@/components/flow/FlowDots";
import { FlowLabel } from "@/components/flow/FlowLabel";
import type { Tone } from "@/components/signs/tones";
import { flowTexts } from "@/texts/flow";
import type { Connection, ConnectionState } from "@/types/flow";
import { isMoving } from "@/utils/flow/connectionState";
import type { Point } from "@/utils/flow/geometry";
import { motionAt, steadyRate, widthAt } from "@/utils/flow/motion";
import { arrowHead, flatten, lengthOf, toPath } from "@/utils/flow/path";
import { formatCount, formatShortRate } from "@/utils/format/formatNumber";
import { EdgeLabelRenderer, type Edge, type EdgeProps } from "@xyflow/react";
import { useMemo, useState, type ReactNode } from "react";

export interface FlowLineData extends Record<string, unknown> {
  readonly connection: Connection;
  readonly corners: readonly Point[];
  readonly hasLabel: boolean;
  readonly state: ConnectionState;
  readonly rate: number | null;
  /** Number of events that wait at its start. */
  readonly waiting: number | null;
  readonly mayMove: boolean;
}

export type FlowLineEdge = Edge<FlowLineData, "line">;

const LINE_CLASS: Readonly<Record<ConnectionState, string>> = {
  flowing: "opacity-70",
  impaired: "opacity-70",
  waiting: "opacity-45",
  interrupted: "",
  idle: "opacity-45",
  unknown: "",
};

export function FlowLine({ data }: EdgeProps<FlowLineEdge>): ReactNode {
  const { connection, corners, hasLabel, state, rate, waiting, mayMove } = data ?? NOTHING;
  const line = useMemo(() => flatten(corners), [corners]);
  const steady = useSteadyRate(rate);
  const motion = useMemo(
    () => (mayMove && isMoving(state) ? motionAt(steady, lengthOf(line)) : null),
    [mayMove, state, steady, line],
  );
  const colour = state === "interrupted" ? "text-bad" : state === "unknown" ? "text-line-strong" : CONNECTION_COLOUR[connection.type];
  const label = labelOf(state, rate, waiting);
  const isDashed = connection.type === "fallback";
  return (
    <>
      <g
        data-connection={`${connection.from}→${connection.to}`}
        data-type={connection.type}
        data-state={state}
        className={`${colour} ${LINE_CLASS[state]}`}
        fill="none"
        stroke="currentColor"
        strokeWidth={isMoving(state) ? widthAt(steady) : 2}
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        <path d={toPath(corners)} strokeDasharray={isDashed ? "2 7" : undefined} />
        <path d={arrowHead(corners)} strokeWidth={2} />
      </g>
      <EdgeLabelRenderer>
        {motion && <FlowDots line={line} motion={motion} className={state === "impaired" ? "text-warn" : colour} />}
        {hasLabel && label !== null && (
          <FlowLabel corners={corners} tone={LABEL_TONE[state]}>
            {label}
          </FlowLabel>
        )}
      </EdgeLabelRenderer>
    </>
  );
}

const NOTHING: FlowLineData = {
  connection: { from: "", to: "", type: "api", active: false },
  corners: [],
  hasLabel: false,
  state: "unknown",
  rate: null,
  waiting: null,
  mayMove: false,
};

const LABEL_TONE: Readonly<Record<ConnectionState, Tone | null>> = {
  flowing: null,
  impaired: null,
  waiting: "warn",
  interrupted: "bad",
  idle: null,
  unknown: null,
};

function labelOf(state: ConnectionState, rate: number | null, waiting: number | null): string | null {
  if (state === "waiting") return flowTexts.waiting(formatCount(waiting));
  if (!isMoving(state)) return flowTexts.connectionState[state];
  return rate === null ? null : flowTexts.rate(formatShortRate(rate)); // the table states what is not measured
}

/** Return the rate, ignoring small changes. */
function useSteadyRate(rate: number | null): number | null {
  const [shown, setShown] = useState(rate);
  const steady = steadyRate(shown, rate);
  if (steady !== shown) setShown(steady);
  return steady;
}

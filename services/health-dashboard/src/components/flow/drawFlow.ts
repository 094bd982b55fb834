/** Builds the nodes and edges of @xyflow/react from the layout. */
import type { FlowLineEdge } from "@/components/flow/FlowLine";
import type { FlowPartNode } from "@/components/flow/FlowPart";
import type { TopologyAnswer } from "@/types/flow";
import { isMoving } from "@/utils/flow/connectionState";
import type { Point } from "@/utils/flow/geometry";
import type { FlowGeometry } from "@/utils/flow/outline";
import { connectionKey } from "@/utils/flow/toConnections";
import { stillParts, toLines } from "@/utils/flow/toLines";
import { Position } from "@xyflow/react";

interface FlowDrawing {
  readonly nodes: FlowPartNode[];
  readonly edges: FlowLineEdge[];
}

interface FlowView {
  readonly selected: string | null;
  readonly mayMove: boolean;
  readonly onSelect: (id: string) => void;
}

// The lines have routes of their own. The library only needs handles to accept the edges.
const HANDLES = [
  { type: "target", position: Position.Left, x: 0, y: 0 },
  { type: "source", position: Position.Right, x: 0, y: 0 },
] as const;

const NOWHERE: readonly Point[] = [];

export function drawFlow(topology: TopologyAnswer, { layout, routes }: FlowGeometry, view: FlowView): FlowDrawing {
  const lines = toLines(topology);
  const still = stillParts(lines);
  const edges = lines.map(({ connection, state, rate }): FlowLineEdge => {
    const corners = routes.get(connectionKey(connection)) ?? NOWHERE;
    return {
      id: connectionKey(connection),
      source: connection.from,
      target: connection.to,
      type: "line",
      domAttributes: { "aria-hidden": true }, // the table has this information
      data: {
        connection,
        corners,
        hasLabel: connection.type !== "fallback" && (layout.shape === "wide" || corners.length === 2), // there is no space in a gutter
        state,
        rate,
        waiting: topology.nodes.find(({ id }) => id === connection.from)?.queue_depth ?? null,
        mayMove: view.mayMove,
      },
    };
  });
  const heldUp = new Set(edges.filter(({ data }) => data?.state === "waiting").map(({ source }) => source));
  edges.sort((a, b) => Number(isMoving(a.data?.state ?? "unknown")) - Number(isMoving(b.data?.state ?? "unknown"))); // moving lines are drawn on top
  const nodes = topology.nodes.flatMap((part): FlowPartNode[] => {
    const box = layout.boxes.get(part.id);
    if (!box) return [];
    return [
      {
        id: part.id,
        type: "part",
        position: { x: box.x, y: box.y },
        width: box.width,
        height: box.height,
        handles: [...HANDLES],
        style: { pointerEvents: "all" }, // the library disables pointer events of nodes that cannot be dragged or selected
        domAttributes: { "aria-roledescription": undefined },
        data: { part: still.has(part.id) ? { ...part, rate_per_minute: null } : part, shape: layout.shape, isSelected: part.id === view.selected, isHeldUp: heldUp.has(part.id), onSelect: view.onSelect },
      },
    ];
  });
  return { nodes, edges };
}

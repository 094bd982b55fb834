/** The data flow as a graph: parts, connections, and dots that move with the rate. */
import { drawFlow } from "@/components/flow/drawFlow";
import { FlowLegend } from "@/components/flow/FlowLegend";
import { FlowLine } from "@/components/flow/FlowLine";
import { FlowPart } from "@/components/flow/FlowPart";
import { useElementWidth } from "@/hooks/browser/useElementWidth";
import { useIsPageVisible } from "@/hooks/browser/useIsPageVisible";
import { useMediaQuery } from "@/hooks/browser/useMediaQuery";
import { flowTexts } from "@/texts/flow";
import type { TopologyAnswer } from "@/types/flow";
import { isDirection, neighbour } from "@/utils/flow/neighbour";
import { geometryOf, outlineOf } from "@/utils/flow/outline";
import { toConnections } from "@/utils/flow/toConnections";
import { ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useMemo, type KeyboardEvent, type ReactNode } from "react";

interface AnimatedDependencyGraphProps {
  readonly topology: TopologyAnswer;
  /** Nothing moves while the data is stale. */
  readonly isStale: boolean;
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
}

const NODE_TYPES = { part: FlowPart };
const EDGE_TYPES = { line: FlowLine };
const WIDTH_UNTIL_KNOWN = 1000;
/** Space for the attribution of the graph library. */
const BELOW = 20;

export function AnimatedDependencyGraph({ topology, isStale, selected, onSelect }: AnimatedDependencyGraphProps): ReactNode {
  const [measure, width] = useElementWidth();
  const isReduced = useMediaQuery("(prefers-reduced-motion: reduce)");
  const isVisible = useIsPageVisible();
  const mayMove = !isReduced && isVisible && !isStale;
  const outline = outlineOf(topology);
  const geometry = useMemo(() => geometryOf(outline, width || WIDTH_UNTIL_KNOWN), [outline, width]);
  const connections = useMemo(() => toConnections(topology.edges), [topology.edges]);
  const { nodes, edges } = useMemo(
    () => drawFlow(topology, geometry, { selected, mayMove, onSelect }),
    [topology, geometry, selected, mayMove, onSelect],
  );

  const moveFocus = (event: KeyboardEvent<HTMLElement>) => {
    const part = event.target instanceof HTMLElement ? event.target.dataset["part"] : undefined;
    if (part === undefined || !isDirection(event.key)) return;
    event.preventDefault(); // the page must not scroll
    const next = neighbour(geometry.layout.boxes, part, event.key);
    event.currentTarget.querySelector<HTMLElement>(`[data-part="${CSS.escape(next ?? part)}"]`)?.focus();
  };

  return (
    <div className="space-y-2">
      <div ref={measure} onKeyDown={moveFocus} style={{ height: geometry.layout.height + BELOW }}>
        <ReactFlow
          aria-label={flowTexts.graph}
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          className="flow-graph"
          minZoom={1}
          maxZoom={1}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          autoPanOnNodeFocus={false}
          panOnDrag={false}
          zoomOnScroll={false}
          zoomOnPinch={false}
          zoomOnDoubleClick={false}
          preventScrolling={false}
        />
      </div>
      <FlowLegend hasFallback={connections.some(({ type }) => type === "fallback")} />
    </div>
  );
}

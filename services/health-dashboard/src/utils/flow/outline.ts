/** The properties of a topology that determine the layout; layout and lines are reused while they do not change. */
import type { Connection, TopologyAnswer } from "@/types/flow";
import { layoutFlow, type FlowLayout, type Placeable } from "@/utils/flow/layoutFlow";
import { routeConnection } from "@/utils/flow/routeConnection";
import { connectionKey, toConnections } from "@/utils/flow/toConnections";
import type { Point } from "@/utils/flow/geometry";

export interface FlowGeometry {
  readonly layout: FlowLayout;
  /** The corners of each line, by `connectionKey`. */
  readonly routes: ReadonlyMap<string, readonly Point[]>;
}

interface Outline {
  readonly parts: readonly Placeable[];
  readonly connections: readonly Connection[];
}

/** Return parts and lines without their changing values, as text that can be compared. */
export function outlineOf({ nodes, edges }: TopologyAnswer): string {
  const outline: Outline = {
    parts: nodes.map(({ id, kind }) => ({ id, kind })),
    connections: toConnections(edges).map((connection) => ({ ...connection, active: true })),
  };
  return JSON.stringify(outline);
}

/** Return positions and routes of an outline for a width. */
export function geometryOf(outline: string, width: number): FlowGeometry {
  const { parts, connections } = JSON.parse(outline) as Outline;
  const layout = layoutFlow(parts, width);
  const routes = new Map(connections.map((connection) => [connectionKey(connection), routeConnection(connection, layout, connections)]));
  return { layout, routes };
}

/** The graph's twin: parts and connections as tables. */
import { TONE_TEXT } from "@/components/tones";
import { PART_TONE } from "@/components/flow/flowColours";
import { flowTexts as texts } from "@/texts/flow";
import type { FlowEdge, FlowNode, TopologyAnswer } from "@/types/flow";
import { connectionState } from "@/utils/flow/connectionState";
import { connectionKey, toConnections } from "@/utils/flow/toConnections";
import { formatCount, formatLatency, formatRate, NO_VALUE } from "@/utils/formatNumber";
import { formatDuration } from "@/utils/formatTime";
import type { ReactNode } from "react";

interface FlowTableProps {
  readonly topology: TopologyAnswer;
  /** Shows the details of a part; left out where the table only stands beside the graph, unseen. */
  readonly onSelect?: (id: string) => void;
}

export function FlowTable({ topology, onSelect }: FlowTableProps): ReactNode {
  const { columns } = texts;
  const parts = new Map(topology.nodes.map((node) => [node.id, node]));
  const label = (id: string) => parts.get(id)?.label ?? id;
  return (
    <div className="space-y-6">
      <Table isSeen={onSelect !== undefined} caption={texts.parts} columns={[columns.part, columns.status, columns.version, columns.uptime, columns.rate, columns.queue, columns.errors]}>
        {topology.nodes.map((part) => (
          <tr key={part.id}>
            <th scope="row" className="py-2.5 pr-3 text-left font-medium">
              {onSelect ? (
                <button
                  type="button"
                  onClick={() => {
                    onSelect(part.id);
                  }}
                  className="text-left text-accent underline underline-offset-2"
                >
                  {part.label}
                </button>
              ) : (
                part.label
              )}
            </th>
            <td className={`py-2.5 pr-3 ${TONE_TEXT[PART_TONE[part.status]]}`}>{texts.status[part.status]}</td>
            <Cells texts={cellsOf(part)} />
          </tr>
        ))}
      </Table>
      <Table isSeen={onSelect !== undefined} caption={texts.connections} columns={[columns.from, columns.to, columns.type, columns.state, columns.rate, columns.p50, columns.p95]}>
        {toConnections(topology.edges).map((connection) => {
          const edge = topology.edges.find(({ source, target, kind }) => source === connection.from && target === connection.to && kind === connection.type);
          const rate = edge?.rate_per_minute ?? null;
          const state = connectionState(connection, rate, parts.get(connection.from), parts.get(connection.to));
          return (
            <tr key={connectionKey(connection)}>
              <th scope="row" className="py-2.5 pr-3 text-left font-medium">
                {label(connection.from)}
              </th>
              <Cells texts={[label(connection.to), texts.connectionType[connection.type], texts.connectionState[state], ...numbersOf(edge)]} />
            </tr>
          );
        })}
      </Table>
    </div>
  );
}

function cellsOf(part: FlowNode): string[] {
  return [
    part.version ?? NO_VALUE,
    part.uptime_s === null ? NO_VALUE : formatDuration(part.uptime_s * 1000),
    formatRate(part.rate_per_minute),
    formatCount(part.queue_depth),
    formatCount(part.errors),
  ];
}

function numbersOf(edge: FlowEdge | undefined): string[] {
  if (!edge) return [NO_VALUE, NO_VALUE, NO_VALUE];
  return [formatRate(edge.rate_per_minute), formatLatency(edge.latency_p50_ms), formatLatency(edge.latency_p95_ms)];
}

function Cells({ texts: cells }: { readonly texts: readonly string[] }): ReactNode {
  return cells.map((text, at) => (
    <td key={at} className="py-2.5 pr-3 whitespace-nowrap last:pr-0">
      {text}
    </td>
  ));
}

interface TableProps {
  readonly isSeen: boolean;
  readonly caption: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}

function Table({ isSeen, caption, columns, children }: TableProps): ReactNode {
  // What scrolls must be within reach of the keyboard.
  const scrolling = isSeen ? { role: "region", "aria-label": caption, tabIndex: 0 } : {};
  return (
    <div className="overflow-x-auto" {...scrolling}>
      <table className="w-full text-sm">
        <caption className="pb-1.5 text-left text-xs font-semibold text-ink-soft">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-left text-xs text-ink-faint">
            {columns.map((column) => (
              <th key={column} scope="col" className="py-2 pr-3 font-medium whitespace-nowrap last:pr-0">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </div>
  );
}

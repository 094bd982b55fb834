/** The data flow as tables of parts and connections. */
import { TONE_TEXT, type Tone } from "@/components/signs/tones";
import { PART_TONE } from "@/components/flow/flowColours";
import { flowTexts as texts } from "@/texts/flow";
import type { FlowNode, TopologyAnswer } from "@/types/flow";
import { connectionKey } from "@/utils/flow/toConnections";
import { toLines, type FlowLineFacts } from "@/utils/flow/toLines";
import { formatCount, formatLatency, formatRate, NO_VALUE } from "@/utils/format/formatNumber";
import { formatDuration } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

interface FlowTableProps {
  readonly topology: TopologyAnswer;
  /** Opens the details of a part; omitted if the table is only for screen readers. */
  readonly onSelect?: (id: string) => void;
}

export function FlowTable({ topology, onSelect }: FlowTableProps): ReactNode {
  const label = (id: string) => topology.nodes.find((node) => node.id === id)?.label ?? id;
  return (
    <div className="space-y-6">
      <Table caption={texts.parts} columns={PART_COLUMNS}>
        {topology.nodes.map((part) => (
          <Row key={part.id} columns={PART_COLUMNS} cells={cellsOf(part)} tone={PART_TONE[part.status]}>
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
          </Row>
        ))}
      </Table>
      <Table caption={texts.connections} columns={CONNECTION_COLUMNS}>
        {toLines(topology).map((line) => (
          <Row key={connectionKey(line.connection)} columns={CONNECTION_COLUMNS} cells={[label(line.connection.to), ...valuesOf(line)]}>
            {label(line.connection.from)}
          </Row>
        ))}
      </Table>
    </div>
  );
}

const { columns } = texts;
const PART_COLUMNS = [columns.part, columns.status, columns.version, columns.uptime, columns.rate, columns.queue, columns.errors];
const CONNECTION_COLUMNS = [columns.from, columns.to, columns.type, columns.state, columns.rate, columns.p50, columns.p95];

function cellsOf(part: FlowNode): string[] {
  return [
    texts.status[part.status],
    part.version ?? NO_VALUE,
    part.uptime_s === null ? NO_VALUE : formatDuration(part.uptime_s * 1000),
    formatRate(part.rate_per_minute),
    formatCount(part.queue_depth),
    formatCount(part.errors),
  ];
}

function valuesOf({ connection, edge, state, rate }: FlowLineFacts): string[] {
  return [texts.connectionType[connection.type], texts.connectionState[state], formatRate(rate), formatLatency(edge.latency_p50_ms), formatLatency(edge.latency_p95_ms)];
}

interface TableProps {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}

/** On a phone each row is a block of labelled values. */
function Table({ caption, columns: names, children }: TableProps): ReactNode {
  return (
    <table className="w-full text-sm max-md:block">
      <caption className="pb-1.5 text-left text-xs font-semibold text-ink-soft max-md:block">{caption}</caption>
      <thead className="max-md:sr-only">
        <tr className="border-b border-line text-left text-xs text-ink-faint">
          {names.map((name) => (
            <th key={name} scope="col" className="py-2 pr-3 font-medium whitespace-nowrap last:pr-0">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line max-md:block">{children}</tbody>
    </table>
  );
}

interface RowProps {
  readonly columns: readonly string[];
  /** The values after the row heading. */
  readonly cells: readonly string[];
  /** The tone of the first cell. */
  readonly tone?: Tone;
  readonly children: ReactNode;
}

function Row({ columns: names, cells, tone, children }: RowProps): ReactNode {
  return (
    <tr className="max-md:grid max-md:grid-cols-3 max-md:gap-x-4 max-md:gap-y-2 max-md:py-3">
      <th scope="row" className="py-2.5 pr-3 text-left font-medium max-md:col-span-2 max-md:p-0">
        {children}
      </th>
      {cells.map((text, at) => (
        <td
          key={names[at + 1]}
          data-label={names[at + 1]}
          className={`py-2.5 pr-3 last:pr-0 max-md:p-0 max-md:before:block max-md:before:text-xs max-md:before:text-ink-faint max-md:before:content-[attr(data-label)] ${at === 0 && tone ? TONE_TEXT[tone] : ""}`}
        >
          {text}
        </td>
      ))}
    </tr>
  );
}

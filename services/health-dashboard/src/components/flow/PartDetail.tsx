/** The details of one part of the data flow. */
import { PART_TONE } from "@/components/flow/flowColours";
import { PartLog } from "@/components/flow/PartLog";
import { Badge } from "@/components/signs/Badge";
import { flowTexts } from "@/texts/flow";
import type { FlowDependency, FlowNode, TopologyAnswer } from "@/types/flow";
import { formatCount, formatLatency, formatRate } from "@/utils/format/formatNumber";
import { toLines, type FlowLineFacts } from "@/utils/flow/toLines";
import { formatDuration } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

const { columns, details, status } = flowTexts;

interface PartDetailProps {
  readonly topology: TopologyAnswer;
  readonly part: FlowNode;
}

export function PartDetail({ topology, part }: PartDetailProps): ReactNode {
  const label = (id: string) => topology.nodes.find((node) => node.id === id)?.label ?? id;
  const lines = toLines(topology).filter(({ connection }) => connection.from === part.id || connection.to === part.id);
  return (
    <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2 xl:grid-cols-[2fr_3fr_3fr]">
      <dl className="content-start divide-y divide-line text-sm">
        {factsOf(part, topology.period).map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4 py-2 first:pt-0">
            <dt className="text-ink-faint">{name}</dt>
            <dd className="text-right font-medium break-words">{value}</dd>
          </div>
        ))}
        {part.last_error !== null && (
          <div className="py-2">
            <dt className="text-ink-faint">{details.lastError}</dt>
            <dd className="mt-0.5 break-words text-bad">{part.last_error}</dd>
          </div>
        )}
      </dl>
      <div className="space-y-5">
        <Section title={details.connections}>
          <ul className="divide-y divide-line text-sm">
            {lines.map((line) => (
              <li key={line.edge.id} className="py-2 first:pt-0">
                <ConnectionRow line={line} name={line.connection.from === part.id ? details.outgoing(label(line.connection.to)) : details.incoming(label(line.connection.from))} />
              </li>
            ))}
          </ul>
        </Section>
        {part.dependencies.length > 0 && (
          <Section title={details.dependencies}>
            <Dependencies of={part.dependencies} />
          </Section>
        )}
      </div>
      {part.kind === "service" && (
        <div className="sm:col-span-2 xl:col-span-1">
          <Section title={details.log}>
            <PartLog lines={part.logs} nowMs={Date.parse(topology.timestamp)} />
          </Section>
        </div>
      )}
    </div>
  );
}

/** A value that a service should report is shown as unknown; a value that does not apply to the part is omitted. */
function factsOf(part: FlowNode, period: string): (readonly [string, string])[] {
  const periodWords = flowTexts.period[period] ?? period;
  const known = <Value,>(value: Value | null, format: (value: Value) => string) => (value === null ? (part.kind === "service" ? details.unknown : null) : format(value));
  const facts: readonly (readonly [string, string | null])[] = [
    [details.home, part.home],
    [columns.status, status[part.status]],
    [columns.version, known(part.version, String)],
    [columns.uptime, known(part.uptime_s, (seconds) => formatDuration(seconds * 1000))],
    [details.rateOver(periodWords), part.rate_per_minute === null ? details.unknown : formatRate(part.rate_per_minute)],
    [columns.queue, known(part.queue_depth, formatCount)],
    [details.errorsOver(periodWords), known(part.errors, formatCount)],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

function ConnectionRow({ line: { edge, state, rate }, name }: { readonly line: FlowLineFacts; readonly name: string }): ReactNode {
  const hasLatency = edge.latency_p50_ms !== null || edge.latency_p95_ms !== null;
  return (
    <>
      <span className="flex items-baseline justify-between gap-4">
        {name}
        <span className="font-medium whitespace-nowrap">{rate === null ? flowTexts.connectionState[state] : flowTexts.rate(formatRate(rate))}</span>
      </span>
      <span className="flex flex-wrap justify-between gap-x-4 text-xs text-ink-faint">
        <span>{flowTexts.connectionType[edge.kind]}</span>
        {hasLatency && <span>{details.latency(formatLatency(edge.latency_p50_ms), formatLatency(edge.latency_p95_ms))}</span>}
      </span>
    </>
  );
}

function Dependencies({ of: dependencies }: { readonly of: readonly FlowDependency[] }): ReactNode {
  return (
    <ul className="divide-y divide-line text-sm">
      {dependencies.map(({ id, label, status: state }) => (
        <li key={id} className="flex items-center justify-between gap-4 py-2 first:pt-0">
          <span className="break-words">{label}</span>
          <Badge tone={PART_TONE[state]}>{status[state]}</Badge>
        </li>
      ))}
    </ul>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section>
      <h3 className="mb-2 text-xs font-semibold text-ink-soft">{title}</h3>
      {children}
    </section>
  );
}

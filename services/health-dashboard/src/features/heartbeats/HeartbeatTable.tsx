/** The heartbeats as a table for screen readers: one row for each span with one state. */
import { toRuns, type Beat } from "@/features/heartbeats/heartbeats";
import { heartbeatTexts as texts } from "@/texts/overview";
import { formatMoment } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

interface HeartbeatTableProps {
  readonly label: string;
  readonly beats: readonly Beat[];
  readonly nowMs: number;
}

export function HeartbeatTable({ label, beats, nowMs }: HeartbeatTableProps): ReactNode {
  return (
    <div className="sr-only">
      <table>
        <caption>{texts.caption(label)}</caption>
        <thead>
          <tr>
            <th scope="col">{texts.from}</th>
            <th scope="col">{texts.to}</th>
            <th scope="col">{texts.state}</th>
          </tr>
        </thead>
        <tbody>
          {toRuns(beats).map((run) => (
            <tr key={run.startMs}>
              <td>{formatMoment(run.startMs, nowMs)}</td>
              <td>{formatMoment(run.endMs, nowMs)}</td>
              <td>{texts.states[run.state]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

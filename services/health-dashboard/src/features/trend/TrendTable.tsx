/** The chart's twin for screen readers: the same windows as rows. */
import type { Trend } from "@/features/trend/trendSeries";
import { formatCount, formatRate, NO_VALUE } from "@/utils/formatNumber";
import { formatMoment } from "@/utils/formatTime";
import type { ReactNode } from "react";

export function TrendTable({ trend }: { readonly trend: Trend }): ReactNode {
  return (
    <div className="sr-only">
      <table>
        <caption>Events per minute, by time</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Per minute</th>
            <th scope="col">Events</th>
          </tr>
        </thead>
        <tbody>
          {trend.windows.map((window) => (
            <tr key={window.fromMs}>
              <th scope="row">
                {formatMoment(window.fromMs, trend.endMs)}
                {!window.isWhole && " (in part)"}
              </th>
              <td>{window.perMinute === null ? NO_VALUE : formatRate(window.perMinute)}</td>
              <td>{formatCount(window.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

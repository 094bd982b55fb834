/** One service: its figures side by side, and the open chart. */
import { Card } from "@/components/layout/Card";
import { FigureTile } from "@/features/services/FigureTile";
import { LastReport } from "@/features/services/LastReport";
import { OpenFigure } from "@/features/services/OpenFigure";
import { FIGURES, figureCharts, figureValue, type Figure } from "@/features/services/serviceFigures";
import { windowMs } from "@/features/services/windowSpans";
import { servicesTexts as texts } from "@/texts/services";
import type { ServiceStats, ServiceTrend, ServiceTrendsAnswer } from "@/types/api";
import type { Stale } from "@/utils/time/staleBecause";
import { useId, useMemo, type ReactNode } from "react";

interface ServiceCardProps {
  readonly service: string;
  readonly stats: ServiceStats | undefined;
  readonly answer: ServiceTrendsAnswer;
  readonly trend: ServiceTrend;
  readonly isCurrent: boolean;
  readonly open: Figure | null;
  readonly onOpen: (figure: Figure | null) => void;
  readonly staleBecause: Stale | undefined;
}

export function ServiceCard({ service, stats, answer, trend, isCurrent, open, onOpen, staleBecause }: ServiceCardProps): ReactNode {
  const id = useId();
  const [name, duty] = texts.names[service] ?? [service, ""];
  const charts = useMemo(() => figureCharts(answer, trend, name), [answer, trend, name]);
  return (
    <Card
      title={name}
      note={[name === service ? "" : service, duty].filter(Boolean).join(" · ")}
      aside={stats && <LastReport lastSeen={stats.last_seen} isCurrent={isCurrent} />}
      staleBecause={staleBecause}
    >
      <div className="grid grid-cols-2 gap-px bg-line sm:grid-cols-3 xl:grid-cols-6">
        {FIGURES.map((figure) => (
          <FigureTile
            key={figure}
            figure={figure}
            value={figureValue(figure, stats)}
            chart={charts[figure]}
            isOpen={open === figure}
            controls={id}
            onToggle={() => {
              onOpen(open === figure ? null : figure);
            }}
          />
        ))}
      </div>
      {open && (
        <OpenFigure
          id={id}
          chart={charts[open]}
          windowMs={windowMs(answer.window)}
          onClose={() => {
            onOpen(null);
          }}
        />
      )}
    </Card>
  );
}

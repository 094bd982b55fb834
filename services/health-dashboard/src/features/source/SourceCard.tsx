/** The source of the statistics, and what it means for the numbers. */
import { Badge } from "@/components/signs/Badge";
import { Card } from "@/components/layout/Card";
import { Link } from "@/components/links/Link";
import { sourceTexts as texts } from "@/texts/overview";
import type { HealthAnswer, StatsAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatMoment } from "@/utils/format/formatTime";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

interface SourceCardProps {
  readonly stats: Loadable<StatsAnswer>;
  readonly deployment: HealthAnswer["deployment"] | undefined;
}

export function SourceCard({ stats, deployment }: SourceCardProps): ReactNode {
  const source = stats.data?.source ?? "unknown";
  const [name, meaning] = texts[source];
  const isStore = source === "embedded" || source === "influxdb";
  const coverage = stats.data?.coverage;
  return (
    <Card title={texts.title} staleBecause={staleBecause(stats)}>
      <div className="flex h-full flex-col gap-3 px-5 py-4 text-sm">
        <p>
          <Badge tone={source === "services-fallback" ? "warn" : source === "unknown" ? "neutral" : "info"}>{name}</Badge>
        </p>
        <p className="text-ink-soft">{meaning}</p>
        {coverage?.complete === false && coverage.start !== null && (
          <p className="text-ink-soft">{texts.counted(formatMoment(Date.parse(coverage.start), Date.parse(stats.data?.timestamp ?? coverage.start)), isStore)}</p>
        )}
        {deployment && <p className="text-ink-soft">{texts.deployment[deployment]}</p>}
        {source === "services" && (
          <Link to="/settings" className="text-xs font-medium text-accent underline underline-offset-2">
            {texts.settings}
          </Link>
        )}
      </div>
    </Card>
  );
}

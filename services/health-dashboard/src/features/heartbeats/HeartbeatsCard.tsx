/** Heartbeats of all services over the last day. */
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Link } from "@/components/links/Link";
import { Skeleton } from "@/components/layout/Skeleton";
import { HeartbeatBar } from "@/features/heartbeats/HeartbeatBar";
import { heartbeatTexts as texts, overviewTexts } from "@/texts/overview";
import type { HeartbeatsAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatPercent } from "@/utils/format/formatNumber";
import { formatMoment } from "@/utils/format/formatTime";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

export function HeartbeatsCard({ heartbeats }: { readonly heartbeats: Loadable<HeartbeatsAnswer> }): ReactNode {
  return (
    <Card
      title={texts.title}
      staleBecause={staleBecause(heartbeats)}
      aside={
        <Link to="/services" className="text-xs font-medium whitespace-nowrap text-accent underline-offset-2 hover:underline">
          {overviewTexts.servicesLink}
        </Link>
      }
    >
      <div className="min-h-56">
        <Faces source={heartbeats} loading={<Bones />} isEmpty={({ services }) => services.length === 0} empty={texts.empty}>
          {(data) => <Bars answer={data} />}
        </Faces>
      </div>
    </Card>
  );
}

function Bars({ answer: { services, slot_s, end } }: { readonly answer: HeartbeatsAnswer }): ReactNode {
  const endMs = Date.parse(end);
  return (
    <div className="space-y-4 px-5 py-4">
      {services.map((service) => (
        <section key={service.service} aria-label={service.label}>
          <div className="mb-1.5 flex items-baseline justify-between gap-3 text-sm">
            <h3 className="truncate font-medium">{service.label}</h3>
            <span className="text-xs whitespace-nowrap text-ink-soft">{uptime(service, endMs)}</span>
          </div>
          <HeartbeatBar service={service} slotS={slot_s} nowMs={endMs} />
        </section>
      ))}
      <p aria-hidden="true" className="flex justify-between text-2xs text-ink-faint">
        <span>{texts.ago}</span>
        <span>{texts.now}</span>
      </p>
    </div>
  );
}

/** Percentage of the day, or of the time since the first report. */
function uptime({ uptime_percent, slots }: HeartbeatsAnswer["services"][number], nowMs: number): string {
  const first = slots.find(({ state }) => state !== "unknown");
  const since = first === undefined || first === slots[0] ? null : formatMoment(Date.parse(first.start), nowMs);
  return texts.uptime(formatPercent(uptime_percent), since);
}

function Bones(): ReactNode {
  return (
    <div className="space-y-5 px-5 py-4">
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} className="h-12" />
      ))}
    </div>
  );
}

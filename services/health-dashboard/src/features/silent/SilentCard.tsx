/** Sensors that have been silent for much longer than usual, and how that is judged; nothing where there is nothing to say. */
import { Card } from "@/components/Card";
import { refusalWords, silenceWords, silentSensors } from "@/features/silent/describeSilence";
import type { HealthAnswer, SilentAnswer, SilentEntity } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatCount } from "@/utils/formatNumber";
import { staleBecause } from "@/utils/staleBecause";
import type { ReactNode } from "react";

const HOW_MANY = 6;

interface SilentCardProps {
  readonly silent: Loadable<SilentAnswer>;
  readonly health: HealthAnswer | undefined;
}

export function SilentCard({ silent, health }: SilentCardProps): ReactNode {
  const refusals = refusalWords(health);
  const found = silent.data === undefined ? null : silentSensors(silent.data);
  if (refusals.length === 0 && !found?.length) return null;
  return (
    <Card title="Silent sensors" note="three times as long as usual" staleBecause={staleBecause(silent)}>
      {refusals.map((sentence) => (
        <p key={sentence} className="border-b border-line px-5 py-3 text-sm break-words text-ink-soft">
          {sentence}
        </p>
      ))}
      {found !== null && <SensorList sensors={found} />}
    </Card>
  );
}

function SensorList({ sensors }: { readonly sensors: readonly SilentEntity[] }): ReactNode {
  if (sensors.length === 0) return <p className="px-5 py-3 text-sm text-ink-faint">No sensor is silent</p>;
  const more = sensors.length - HOW_MANY;
  return (
    <ul aria-label="Silent sensors" className="grid gap-x-4 py-1.5 md:grid-cols-2">
      {sensors.slice(0, HOW_MANY).map((sensor) => (
        <li key={`${sensor.home}/${sensor.entity_id}`} className="flex justify-between gap-3 px-5 py-1.5 text-xs">
          <bdi className="truncate" title={`${sensor.entity_id} (${sensor.home})`}>
            {sensor.entity_id}
          </bdi>
          <span className="whitespace-nowrap text-ink-soft">{silenceWords(sensor)}</span>
        </li>
      ))}
      {more > 0 && <li className="px-5 py-1.5 text-xs text-ink-faint">and {formatCount(more)} more</li>}
    </ul>
  );
}

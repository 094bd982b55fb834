/** Sensors that are silent for much longer than usual, and how silence is detected; hidden if there is nothing to show. */
import { Card } from "@/components/layout/Card";
import { EntityLink } from "@/components/links/EntityLink";
import { refusals, silenceWords, silentSensors } from "@/features/silent/describeSilence";
import { silentTexts as texts } from "@/texts/overview";
import { PANEL } from "@/texts/situation";
import type { HealthAnswer, SilentAnswer, SilentEntity } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

const HOW_MANY = 6;

interface SilentCardProps {
  readonly silent: Loadable<SilentAnswer>;
  readonly health: HealthAnswer | undefined;
}

export function SilentCard({ silent, health }: SilentCardProps): ReactNode {
  const refused = refusals(health);
  const found = silent.data === undefined ? null : silentSensors(silent.data);
  if (refused.length === 0 && !found?.length) return null;
  return (
    <Card title={texts.title} note={texts.note} staleBecause={staleBecause(silent)}>
      {refused.map(({ home, sentence, reason }) => (
        <div key={home} className="space-y-1 border-b border-line px-5 py-3 text-ink-soft">
          <p className="text-sm break-words">{sentence}</p>
          <details className="text-xs">
            <summary className="w-fit cursor-pointer rounded py-1 font-medium">{PANEL.details}</summary>
            <p className="mt-1 rounded-lg bg-raised px-3 py-2 font-mono break-words">{reason}</p>
          </details>
        </div>
      ))}
      {found !== null && <SensorList sensors={found} />}
    </Card>
  );
}

function SensorList({ sensors }: { readonly sensors: readonly SilentEntity[] }): ReactNode {
  if (sensors.length === 0) return <p className="px-5 py-3 text-sm text-ink-faint">{texts.none}</p>;
  const more = sensors.length - HOW_MANY;
  return (
    <ul aria-label={texts.title} className="grid gap-x-4 py-1.5 md:grid-cols-2">
      {sensors.slice(0, HOW_MANY).map((sensor) => (
        <li key={`${sensor.home}/${sensor.entity_id}`} className="flex items-baseline justify-between gap-3 px-5 py-1.5 text-sm">
          <EntityLink entityId={sensor.entity_id} name={sensor.friendly_name} home={sensor.home} className="flex-1" />
          <span className="text-right text-xs text-ink-soft">{silenceWords(sensor)}</span>
        </li>
      ))}
      {more > 0 && <li className="px-5 py-1.5 text-xs text-ink-faint">{texts.more(more)}</li>}
    </ul>
  );
}

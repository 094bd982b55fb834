/** The facts of an entity. */
import { Card } from "@/components/layout/Card";
import { CopyButton } from "@/components/controls/CopyButton";
import { Link } from "@/components/links/Link";
import { useHasSeveralHomes } from "@/hooks/useHasSeveralHomes";
import { useNow } from "@/hooks/useNow";
import { entityTexts as texts } from "@/texts/entities";
import type { EntityAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatAgo, formatExact } from "@/utils/format/formatTime";
import { staleBecause } from "@/utils/time/staleBecause";
import { stateText } from "@/utils/format/stateText";
import type { ReactNode } from "react";

interface FactsCardProps {
  readonly entity: EntityAnswer;
  readonly source: Loadable<EntityAnswer>;
}

export function FactsCard({ entity, source }: FactsCardProps): ReactNode {
  const hasSeveralHomes = useHasSeveralHomes();
  const { names } = texts;
  return (
    <Card title={texts.facts} staleBecause={staleBecause(source)}>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 px-5 py-4 text-sm lg:grid-cols-3">
        <Fact name={names.state}>
          <span className="text-base font-semibold">{stateText(entity.state, entity.unit)}</span>
        </Fact>
        {entity.last_changed !== null && (
          <Fact name={names.since}>
            <Since time={entity.last_changed} />
          </Fact>
        )}
        <Fact name={names.id}>
          <span className="flex flex-wrap items-center gap-2">
            <code className="font-mono text-xs [overflow-wrap:anywhere]">{entity.entity_id}</code>
            <CopyButton text={entity.entity_id} what={names.id} />
          </span>
        </Fact>
        <Fact name={names.area}>{filtered("area", entity.area)}</Fact>
        <Fact name={names.floor}>{filtered("floor", entity.floor)}</Fact>
        <Fact name={names.device}>{entity.device ?? texts.none}</Fact>
        <Fact name={names.labels}>{entity.labels.length === 0 ? texts.none : entity.labels.map((label, at) => <span key={label}>{at > 0 && ", "}{filtered("label", label)}</span>)}</Fact>
        <Fact name={names.integration}>{filtered("integration", entity.integration)}</Fact>
        <Fact name={names.domain}>{filtered("domain", entity.domain)}</Fact>
        <Fact name={names.deviceClass}>{entity.device_class ?? texts.none}</Fact>
        <Fact name={names.unit}>{entity.unit ?? texts.none}</Fact>
        {hasSeveralHomes && <Fact name={names.home}>{entity.home}</Fact>}
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-faint">{name}</dt>
      <dd className="mt-0.5 [overflow-wrap:anywhere]"><bdi>{children}</bdi></dd>
    </div>
  );
}

/** A value shared with other entities links to the filtered list. */
function filtered(filter: "area" | "floor" | "label" | "integration" | "domain", value: string | null): ReactNode {
  if (value === null) return texts.none;
  return (
    <Link to={`/entities?${new URLSearchParams({ [filter]: value }).toString()}`} className="underline decoration-line-strong underline-offset-2 hover:decoration-current">
      {value}
    </Link>
  );
}

function Since({ time }: { readonly time: string }): ReactNode {
  const ms = Date.parse(time);
  return <time dateTime={time}>{texts.since(formatExact(ms), formatAgo(useNow() - ms))}</time>;
}

/** The details of an event: facts in groups, attributes or data, and links to similar events. */
import { Button } from "@/components/controls/Button";
import { CopyButton } from "@/components/controls/CopyButton";
import { eventFacts } from "@/features/events/eventFacts";
import { factTexts as texts } from "@/texts/events";
import type { HomeEvent } from "@/types/api";
import { withEventFilter } from "@/utils/address/eventFilters";
import type { ReactNode } from "react";
import { useSearchParams } from "@/hooks/address/useSearchParams";

const ONLY = ["entity_id", "area", "domain", "event_type"] as const;

export function EventDetail({ event }: { readonly event: HomeEvent }): ReactNode {
  const hasAttributes = event.attributes !== null && Object.keys(event.attributes).length > 0;
  return (
    <div className="space-y-4 rounded-lg bg-raised p-4">
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2 lg:grid-cols-3">
        {eventFacts(event).map(({ title, facts }) => (
          <section key={title}>
            <h3 className="mb-1.5 text-xs font-semibold text-ink-soft">{title}</h3>
            <dl className="grid grid-cols-[minmax(5rem,auto)_minmax(0,1fr)] gap-x-3 gap-y-1 text-xs">
              {facts.map(([label, value]) => (
                <div key={label} className="contents">
                  <dt className="text-ink-faint">{label}</dt>
                  <dd className="[overflow-wrap:anywhere]">
                    <bdi>{value.trim() === "" ? JSON.stringify(value) : value}</bdi>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      {hasAttributes && <Json title={texts.attributes} value={event.attributes} />}
      {event.data !== null && <Json title={texts.data} value={event.data} />}
      <div className="flex flex-wrap items-center gap-2">
        <OnlyButtons event={event} />
        <CopyButton text={JSON.stringify(event, null, 2)} what={texts.copyWhat} />
      </div>
    </div>
  );
}

function OnlyButtons({ event }: { readonly event: HomeEvent }): ReactNode {
  const [search, setSearch] = useSearchParams();
  return ONLY.map((name) => {
    const value = event[name];
    if (value === null || search.get(name) === value) return null;
    return (
      <Button
        key={name}
        onClick={() => {
          setSearch((current) => withEventFilter(current, name, value));
        }}
      >
        {texts.only[name]}
      </Button>
    );
  });
}

function Json({ title, value }: { readonly title: string; readonly value: unknown }): ReactNode {
  return (
    <section>
      <h3 className="mb-1.5 text-xs font-semibold text-ink-soft">{title}</h3>
      <pre
        tabIndex={0}
        aria-label={title}
        className="max-h-72 overflow-auto rounded-md border border-line bg-surface p-3 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {JSON.stringify(value, null, 2)}
      </pre>
    </section>
  );
}

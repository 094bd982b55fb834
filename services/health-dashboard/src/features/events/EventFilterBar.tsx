/** The event filters, kept in the address; the shown events provide suggestions. */
import { Button } from "@/components/controls/Button";
import { Field } from "@/components/controls/Field";
import { FilterInput } from "@/features/events/FilterInput";
import { filterTexts as texts } from "@/texts/events";
import type { HomeEvent } from "@/types/api";
import type { EventFilterName, EventFilters } from "@/types/eventFilters";
import { isUnfiltered, withEventFilter, withoutEventFilters } from "@/utils/address/eventFilters";
import { useCallback, useMemo, useState, type ReactNode } from "react";
import { useSearchParams } from "@/hooks/address/useSearchParams";

const SUGGESTED = ["entity_id", "domain", "event_type", "area"] as const;
/** On a phone these are shown on request or while they are set. */
const HIDDEN = ["domain", "event_type", "area"] as const;
const MOST_SUGGESTIONS = 50;

interface EventFilterBarProps {
  readonly filters: EventFilters;
  /** The captured homes. A filter is offered for two or more. */
  readonly homes: readonly string[];
  readonly events: readonly HomeEvent[];
}

export function EventFilterBar({ filters, homes, events }: EventFilterBarProps): ReactNode {
  const [, setSearch] = useSearchParams();
  const isAnyHidden = [...HIDDEN, "home" as const].some((name) => filters[name] !== undefined);
  const [isWide, setIsWide] = useState(isAnyHidden);
  const narrow = isWide ? "" : "max-md:hidden";
  const change = useCallback(
    (name: EventFilterName, value: string) => {
      setSearch((current) => withEventFilter(current, name, value), { replace: true });
    },
    [setSearch],
  );
  const suggestions = useMemo(() => Object.fromEntries(SUGGESTED.map((name) => [name, valuesOf(events, name)])), [events]);
  return (
    <form
      role="search"
      aria-label={texts.label}
      onSubmit={(event) => {
        event.preventDefault();
      }}
      className="flex flex-wrap items-end gap-3 rounded-xl border border-line bg-surface px-4 py-3 shadow-card"
    >
      {SUGGESTED.map((name) => (
        <FilterInput
          key={name}
          name={name}
          label={texts[name]}
          placeholder={name === "entity_id" ? texts.entityHint : texts.any}
          value={filters[name] ?? ""}
          suggestions={suggestions[name] ?? []}
          className={name === "entity_id" ? "min-w-40 flex-[2]" : `min-w-28 flex-1 ${narrow}`}
          onChange={change}
        />
      ))}
      {homes.length > 1 && (
        <Field label={texts.home} className={`min-w-32 flex-1 ${narrow}`}>
          {(input) => (
            <select
              {...input}
              value={filters.home ?? ""}
              onChange={(event) => {
                change("home", event.target.value);
              }}
            >
              <option value="">{texts.everyHome}</option>
              {homes.map((home) => (
                <option key={home}>{home}</option>
              ))}
            </select>
          )}
        </Field>
      )}
      {!isWide && (
        <div className="pb-0.5 md:hidden">
          <Button
            icon="sliders"
            onClick={() => {
              setIsWide(true);
            }}
          >
            {texts.more}
          </Button>
        </div>
      )}
      {!isUnfiltered(filters) && (
        <div className="pb-0.5">
          <Button
            icon="cross"
            onClick={() => {
              setSearch(withoutEventFilters, { replace: true });
            }}
          >
            {texts.clear}
          </Button>
        </div>
      )}
    </form>
  );
}

function valuesOf(events: readonly HomeEvent[], name: (typeof SUGGESTED)[number]): string[] {
  const found = new Set(events.map((event) => event[name]).filter((value) => value !== null));
  return [...found].sort().slice(0, MOST_SUGGESTIONS);
}

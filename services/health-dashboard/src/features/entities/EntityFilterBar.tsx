/** Search and filters of the list of entities, kept in the address. */
import { ENTITY_FILTERS, type EntityFilter } from "@/api/entities/getEntities";
import { Button } from "@/components/controls/Button";
import { FilterSelect } from "@/components/controls/FilterSelect";
import { useFilterParam } from "@/hooks/address/useFilterParam";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { entitiesTexts as texts } from "@/texts/entities";
import type { EntityChoices } from "@/types/api";
import { useId, type ReactNode } from "react";

const SELECTS = [
  ["area", "areas"],
  ["floor", "floors"],
  ["domain", "domains"],
  ["label", "labels"],
  ["integration", "integrations"],
  ["home", "homes"],
] as const satisfies readonly (readonly [EntityFilter, keyof EntityChoices])[];

export function EntityFilterBar({ choices }: { readonly choices: EntityChoices | undefined }): ReactNode {
  const [search, setSearch] = useSearchParams();
  const isFiltered = ENTITY_FILTERS.some((name) => search.has(name));
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-5 py-2.5">
      <SearchInput />
      {SELECTS.map(([name, list]) => (
        <EntityFilterSelect key={name} name={name} values={choices?.[list] ?? []} />
      ))}
      {isFiltered && (
        <Button
          icon="cross"
          onClick={() => {
            setSearch({});
          }}
        >
          {texts.clear}
        </Button>
      )}
    </div>
  );
}

/** A filter without choices is hidden, unless it is set in the address: then it must be possible to remove it. */
function EntityFilterSelect({ name, values }: { readonly name: EntityFilter; readonly values: readonly string[] }): ReactNode {
  const [value, change] = useFilterParam(name);
  const known = value === "" || values.includes(value) ? values : [value, ...values];
  if (known.length < 2 && value === "") return null;
  const options = [{ value: "", label: texts.all }, ...known.map((each) => ({ value: each, label: each }))];
  return <FilterSelect label={texts[name === "q" ? "search" : name]} value={value} options={options} onChange={change} />;
}

function SearchInput(): ReactNode {
  const [search, setSearch] = useSearchParams();
  const id = useId();
  return (
    <span className="flex w-full items-center gap-2 sm:w-64">
      <label htmlFor={id} className="text-xs text-ink-soft">
        {texts.search}
      </label>
      <input
        id={id}
        type="search"
        value={search.get("q") ?? ""}
        maxLength={255}
        placeholder={texts.searchHint}
        spellCheck={false}
        onChange={({ target: { value } }) => {
          setSearch(
            (current) => {
              const next = new URLSearchParams(current);
              next.delete("cursor");
              if (value === "") next.delete("q");
              else next.set("q", value);
              return next;
            },
            { replace: true }, // Back must not undo a single letter
          );
        }}
        className="h-8 min-w-0 flex-1 rounded-lg border border-line-strong bg-surface px-2.5 text-xs text-ink placeholder:text-ink-faint"
      />
    </span>
  );
}

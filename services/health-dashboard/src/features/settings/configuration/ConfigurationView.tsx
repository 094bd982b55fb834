/** The effective settings, grouped; search and filter are in the address. */
import { useConfig } from "@/api/system/getConfig";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { FilterSelect } from "@/components/controls/FilterSelect";
import { Message } from "@/components/signs/Message";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { findSettings, type SourceFilter } from "@/features/settings/configuration/findSettings";
import { SettingRow } from "@/features/settings/configuration/SettingRow";
import { useFilterParam } from "@/hooks/address/useFilterParam";
import { configurationTexts as texts } from "@/texts/settings";
import type { Setting } from "@/types/api";
import { asLoadable } from "@/utils/asLoadable";
import { staleBecause } from "@/utils/time/staleBecause";
import { useState, type ReactNode } from "react";

const SOURCES: readonly SourceFilter[] = ["", "set", "environment", ".env", "file", "default"];

export function ConfigurationView(): ReactNode {
  const config = asLoadable(useConfig());
  const [linked, setLinked] = useFilterParam("q", { replaces: true });
  const [search, setSearch] = useState(linked); // the address is updated shortly after the typed text
  const [chosen, setSource] = useFilterParam("source");
  const source = SOURCES.find((each) => each === chosen) ?? "";
  return (
    <Card title={texts.title} staleBecause={staleBecause(config)}>
      <div className="space-y-3 border-b border-line px-5 py-4">
        <p className="max-w-prose text-sm text-ink-soft">{texts.text}</p>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <input
            type="search"
            aria-label={texts.search}
            placeholder={texts.searchHint}
            value={search}
            onChange={(event) => {
              setSearch(event.target.value);
              setLinked(event.target.value);
            }}
            className="h-8 w-64 max-w-full rounded-lg border border-line-strong bg-ground px-2.5 text-sm text-ink placeholder:text-ink-faint"
          />
          <FilterSelect
            label={texts.source}
            value={source}
            options={SOURCES.map((value) => ({ value, label: texts.filters[value] }))}
            onChange={setSource}
          />
        </div>
      </div>
      <Faces
        source={config}
        loading={<SkeletonRows rows={10} />}
        isEmpty={({ settings }) => settings.length === 0}
        empty={{ title: texts.emptyTitle, text: texts.emptyText }}
      >
        {({ settings }) => <Found settings={settings} search={search} source={source} />}
      </Faces>
    </Card>
  );
}

interface FoundProps {
  readonly settings: readonly Setting[];
  readonly search: string;
  readonly source: SourceFilter;
}

function Found({ settings, search, source }: FoundProps): ReactNode {
  const groups = findSettings(settings, search, source);
  const found = groups.reduce((sum, group) => sum + group.settings.length, 0);
  return (
    <>
      <p role="status" className="px-5 py-2 text-xs text-ink-faint">
        {texts.found(found, settings.length)}
      </p>
      {found === 0 && <Message tone="neutral" icon="search" title={texts.emptyTitle} text={texts.emptyText} />}
      {groups.map((group) => (
        <section key={group.title} aria-label={group.title}>
          <h3 className="border-y border-line bg-raised px-5 py-1.5 text-xs font-semibold text-ink-soft">{group.title}</h3>
          <ul className="divide-y divide-line">
            {group.settings.map((setting) => (
              <SettingRow key={setting.variable} setting={setting} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

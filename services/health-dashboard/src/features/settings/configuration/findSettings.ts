/** Finds settings by text and source, and groups them. */
import type { Setting } from "@/types/api";

/** `set`: every source except the default; empty: all. */
export type SourceFilter = "" | "set" | Setting["source"];

export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly Setting[];
}

/** Return the settings that match all words of the search, in groups in their original order. */
export function findSettings(settings: readonly Setting[], search: string, source: SourceFilter): readonly SettingGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, Setting[]>();
  for (const setting of settings) {
    if (!isFrom(setting, source) || !words.every((word) => textOf(setting).includes(word))) continue;
    groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting]);
  }
  return [...groups].map(([title, found]) => ({ title, settings: found }));
}

function isFrom(setting: Setting, source: SourceFilter): boolean {
  if (source === "set") return setting.source !== "default";
  return source === "" || setting.source === source;
}

function textOf({ variable, value, description, group }: Setting): string {
  return `${variable} ${value ?? ""} ${description} ${group}`.toLowerCase();
}

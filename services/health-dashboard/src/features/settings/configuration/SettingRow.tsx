/** One setting: variable, effective value, source and description. */
import { Badge } from "@/components/signs/Badge";
import { Icon } from "@/components/signs/Icon";
import { configurationTexts as texts } from "@/texts/settings";
import type { Setting } from "@/types/api";
import type { ReactNode } from "react";

export function SettingRow({ setting }: { readonly setting: Setting }): ReactNode {
  const { variable, value, source, is_secret: isSecret, description } = setting;
  return (
    <li className="grid gap-x-4 gap-y-1 px-5 py-3 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_6.5rem]">
      <div>
        <code className="font-mono text-xs font-medium [overflow-wrap:anywhere]">{variable}</code>
        <p className="text-xs text-ink-faint">{description}</p>
      </div>
      <div className="text-sm">
        {value === null ? (
          <span className="text-xs text-ink-faint">{texts.notSet}</span>
        ) : (
          <code className="inline-flex items-center gap-1.5 font-mono text-xs [overflow-wrap:anywhere]">
            {isSecret && (
              <span title={texts.secret}>
                <Icon name="lock" className="size-3" />
                <span className="sr-only">{texts.secret}</span>
              </span>
            )}
            {value}
          </code>
        )}
      </div>
      <div className="md:text-right">
        <Badge tone={source === "default" ? "neutral" : "info"}>{texts.sources[source]}</Badge>
      </div>
    </li>
  );
}

/** The palette: searches entities, pages and active alerts, and opens the selected one. */
import { useAlerts } from "@/api/alerts/getAlerts";
import { useEntities } from "@/api/entities/getEntities";
import { Icon, type IconName } from "@/components/signs/Icon";
import { Modal } from "@/components/dialogs/Modal";
import { ruleWords } from "@/features/alerts/describeAlert";
import { hasWords } from "@/features/palette/hasWords";
import { navigate } from "@/lib/router";
import { paletteTexts as texts } from "@/texts/palette";
import { entityPath } from "@/utils/address/entityPath";
import { stateText } from "@/utils/format/stateText";
import { Command } from "cmdk";
import { useDeferredValue, useEffect, useRef, useState, type ReactNode } from "react";

const MOST_ENTITIES = 8;
const MOST_ALERTS = 5;
const GROUP = "[&>[cmdk-group-heading]]:px-3 [&>[cmdk-group-heading]]:py-1.5 [&>[cmdk-group-heading]]:text-xs [&>[cmdk-group-heading]]:text-ink-faint";

export interface PalettePage {
  readonly path: string;
  readonly label: string;
  readonly icon: IconName;
}

interface PaletteProps {
  readonly pages: readonly PalettePage[];
  readonly onClose: () => void;
}

export function Palette({ pages, onClose }: PaletteProps): ReactNode {
  const [typed, setTyped] = useState("");
  const [selected, setSelected] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus(); // the dialog focuses its first element, which is not the input
  }, []);
  const words = useDeferredValue(typed.trim());
  const alerts = (useAlerts().data ?? []).filter((alert) => hasWords(`${alert.message} ${ruleWords(alert.rule)} ${alert.service}`, words));
  const found = pages.filter(({ label }) => hasWords(label, words));
  const go = (to: string) => {
    onClose();
    navigate(to);
  };
  return (
    <Modal title={texts.title} onClose={onClose} look="palette">
      <Command shouldFilter={false} loop label={texts.title} value={selected} onValueChange={setSelected} className="outline-none">
        <Command.Input
          ref={input}
          value={typed}
          onValueChange={setTyped}
          maxLength={255}
          placeholder={texts.placeholder}
          className="h-12 w-full rounded-t-xl border-b border-line bg-surface px-4 text-base text-ink outline-none placeholder:text-ink-faint"
        />
        <Command.List className="max-h-[min(60dvh,28rem)] overflow-y-auto p-2">
          {words !== "" && <Entities words={words} otherwise={found[0]?.path ?? alerts.map(alertPath)[0] ?? ""} onFound={setSelected} onGo={go} />}
          {found.length > 0 && (
            <Command.Group heading={texts.pages} className={GROUP}>
              {found.map(({ path, label, icon }) => (
                <Item key={path} value={path} icon={icon} name={label} onSelect={go} />
              ))}
            </Command.Group>
          )}
          {alerts.length > 0 && (
            <Command.Group heading={texts.alerts} className={GROUP}>
              {alerts.slice(0, MOST_ALERTS).map((alert) => (
                <Item key={alert.id} value={alertPath(alert)} icon="alert" name={alert.message} note={ruleWords(alert.rule)} onSelect={go} />
              ))}
            </Command.Group>
          )}
        </Command.List>
      </Command>
      <p className="border-t border-line px-4 py-2 text-xs text-ink-faint max-sm:hidden">{texts.keys}</p>
    </Modal>
  );
}

function alertPath({ id }: { readonly id: string }): string {
  return `/alerts?alert=${encodeURIComponent(id)}`;
}

interface EntitiesProps {
  readonly words: string;
  /** The first match other than entities, if any. */
  readonly otherwise: string;
  /** Select the first match, which Enter opens, also if the list was different or empty before. */
  readonly onFound: (value: string) => void;
  readonly onGo: (to: string) => void;
}

function Entities({ words, otherwise, onFound, onGo }: EntitiesProps): ReactNode {
  const { data, error, isPlaceholderData } = useEntities({ filters: { q: words }, limit: MOST_ENTITIES });
  const hasSeveralHomes = (data?.choices.homes.length ?? 0) > 1;
  const [first] = data?.entities ?? [];
  const firstFound = first ? entityPath(first.entity_id, hasSeveralHomes ? first.home : null) : otherwise;
  const isLoaded = data !== undefined;
  useEffect(() => {
    if (isLoaded) onFound(firstFound);
  }, [words, isLoaded, firstFound, onFound]);
  const say = (text: string) => (
    <p role="status" className="px-3 py-2 text-sm text-ink-soft">
      {text}
    </p>
  );
  if (data === undefined) return say(error === null ? texts.searching : texts.failed);
  if (data.entities.length === 0) return say(isPlaceholderData ? texts.searching : texts.nothing);
  return (
    <Command.Group heading={texts.entities} className={GROUP}>
      {data.entities.map(({ entity_id: id, home, friendly_name: name, state, unit }) => (
        <Item
          key={`${home} ${id}`}
          value={entityPath(id, hasSeveralHomes ? home : null)}
          icon="tag"
          name={name ?? id}
          note={[name === null ? null : id, hasSeveralHomes ? home : null].filter((each) => each !== null).join(" · ")}
          aside={stateText(state, unit)}
          onSelect={onGo}
        />
      ))}
    </Command.Group>
  );
}

interface ItemProps {
  readonly value: string;
  readonly icon: IconName;
  readonly name: string;
  readonly note?: string;
  readonly aside?: string;
  readonly onSelect: (value: string) => void;
}

function Item({ value, icon, name, note = "", aside = "", onSelect }: ItemProps): ReactNode {
  return (
    <Command.Item
      value={value}
      onSelect={() => {
        onSelect(value);
      }}
      className="flex cursor-pointer items-center gap-3 rounded-lg px-3 py-2 text-sm data-[selected=true]:bg-accent-soft"
    >
      <Icon name={icon} className="size-4 text-ink-faint" />
      <span className="min-w-0 flex-1">
        <bdi className="block truncate">{name}</bdi>
        {note !== "" && <bdi className="block truncate text-xs text-ink-faint">{note}</bdi>}
      </span>
      {aside !== "" && <bdi className="max-w-32 truncate text-xs text-ink-soft">{aside}</bdi>}
    </Command.Item>
  );
}

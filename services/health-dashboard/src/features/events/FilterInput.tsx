/** A text filter. It is applied shortly after the last key, and immediately by Enter or on leaving the field. */
import { Field } from "@/components/controls/Field";
import type { EventFilterName } from "@/types/eventFilters";
import { LONGEST_FILTER } from "@/utils/address/eventFilters";
import { useEffect, useId, useState, type ReactNode } from "react";

const DELAY_MS = 400;

interface FilterInputProps {
  readonly name: EventFilterName;
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly suggestions: readonly string[];
  readonly className: string;
  readonly onChange: (name: EventFilterName, value: string) => void;
}

export function FilterInput({ name, label, placeholder, value, suggestions, className, onChange }: FilterInputProps): ReactNode {
  const listId = useId();
  const [draft, setDraft] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    // Changed elsewhere: by Back, a link, or the button that removes all filters.
    setKnown(value);
    setDraft(value);
  }
  const take = () => {
    if (draft.trim() !== value) onChange(name, draft.trim());
  };
  useEffect(() => {
    if (draft.trim() === value) return undefined;
    const timer = setTimeout(() => {
      onChange(name, draft.trim());
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [draft, value, name, onChange]);
  return (
    <Field label={label} className={className}>
      {(input) => (
        <>
          <input
            {...input}
            type="search"
            list={listId}
            value={draft}
            placeholder={placeholder}
            maxLength={LONGEST_FILTER}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => {
              setDraft(event.target.value);
            }}
            onBlur={take}
            onKeyDown={(event) => {
              if (event.key === "Enter") take();
            }}
          />
          <datalist id={listId}>
            {suggestions.map((suggestion) => (
              <option key={suggestion} value={suggestion} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

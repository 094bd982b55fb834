/** The six filter lists as text, one entry per line; errors are shown at their list. */
import { Field } from "@/components/controls/Field";
import { LISTS, SIDES, type FilterDraft, type FilterField } from "@/features/records/filters/filterDraft";
import { filterTexts as texts } from "@/texts/records";
import type { ReactNode } from "react";

interface FiltersFormProps {
  readonly draft: FilterDraft;
  readonly refused: { readonly field: FilterField; readonly text: string } | null;
  readonly isDisabled: boolean;
  readonly onChange: (field: FilterField, text: string) => void;
}

export function FiltersForm({ draft, refused, isDisabled, onChange }: FiltersFormProps): ReactNode {
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      {SIDES.map((side) => (
        <fieldset key={side} disabled={isDisabled} className="space-y-3 rounded-lg border border-line px-4 pb-4">
          <legend className="px-1 text-sm font-semibold">{texts[side]}</legend>
          <p className="!mt-1 text-xs text-ink-soft">{texts[`${side}Text`]}</p>
          {LISTS.map((list) => {
            const name: FilterField = `${side}.${list}`;
            const lines = Math.max(2, Math.min(8, draft[name].split("\n").length));
            return (
              <Field key={list} label={texts.lists[list]} hint={texts.hints[list]} error={refused?.field === name ? refused.text : null}>
                {({ className, ...input }) => (
                  <textarea
                    {...input}
                    className={`${className} font-mono text-xs`}
                    name={name}
                    rows={lines}
                    value={draft[name]}
                    spellCheck={false}
                    autoCapitalize="none"
                    onChange={(event) => {
                      onChange(name, event.target.value);
                    }}
                  />
                )}
              </Field>
            );
          })}
        </fieldset>
      ))}
    </div>
  );
}

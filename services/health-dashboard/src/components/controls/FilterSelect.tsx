/** A list filter: a labelled select. */
import { useId, type ReactNode } from "react";

interface FilterSelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
}

export function FilterSelect({ label, value, options, onChange }: FilterSelectProps): ReactNode {
  const id = useId();
  return (
    <span className="inline-flex max-w-full items-center gap-2">
      <label htmlFor={id} className="text-xs whitespace-nowrap text-ink-soft">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
        className="h-8 min-w-0 rounded-lg border border-line-strong bg-surface px-2 text-xs text-ink"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </span>
  );
}

/** A choice between a few options, side by side: radio buttons, so the arrow keys move between them. */
import { useId, type ReactNode } from "react";

interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly face?: ReactNode;
}

interface SegmentedControlProps<Value extends string> {
  readonly label: string;
  readonly options: readonly Option<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

const ITEM =
  "relative inline-flex h-7 min-w-8 items-center justify-center rounded-md px-2 text-xs max-sm:min-w-7 max-sm:px-1 font-medium text-ink-soft " +
  "transition-colors hover:text-ink has-checked:bg-surface has-checked:text-ink has-checked:shadow-card " +
  "has-focus-visible:outline-2 has-focus-visible:outline-accent";

export function SegmentedControl<Value extends string>(props: SegmentedControlProps<Value>): ReactNode {
  const { label, options, value, onChange } = props;
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex max-w-full flex-wrap gap-0.5 max-sm:gap-0 rounded-lg border border-line bg-raised p-0.5"
    >
      {options.map((option) => (
        <label key={option.value} title={option.label} className={ITEM}>
          <input
            type="radio"
            name={name}
            aria-label={option.label}
            checked={option.value === value}
            onChange={() => {
              onChange(option.value);
            }}
            className="absolute inset-0 cursor-pointer appearance-none rounded-md outline-none"
          />
          <span aria-hidden="true">{option.face ?? option.value}</span>
        </label>
      ))}
    </div>
  );
}

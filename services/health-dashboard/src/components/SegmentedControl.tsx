/** One choice out of a few, side by side; the arrow keys move between them. */
import * as ToggleGroup from "@radix-ui/react-toggle-group";
import type { ReactNode } from "react";

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
  "inline-flex h-7 min-w-8 items-center justify-center rounded-md px-2 text-xs font-medium text-ink-soft " +
  "transition-colors hover:text-ink data-[state=on]:bg-surface data-[state=on]:text-ink data-[state=on]:shadow-card";

export function SegmentedControl<Value extends string>(props: SegmentedControlProps<Value>): ReactNode {
  const { label, options, value, onChange } = props;
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(chosen) => {
        const option = options.find((candidate) => candidate.value === chosen);
        if (option) onChange(option.value); // the chosen one pressed again is chosen still
      }}
      className="inline-flex gap-0.5 rounded-lg border border-line bg-raised p-0.5"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          aria-label={option.label}
          title={option.label}
          className={ITEM}
        >
          {option.face ?? option.value}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

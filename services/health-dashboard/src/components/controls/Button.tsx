/** A button: quiet, or coloured where it is the step that a form leads to, or one that cannot be undone. */
import { Icon, type IconName } from "@/components/signs/Icon";
import { useFocusKept } from "@/hooks/browser/useFocusKept";
import type { MouseEvent, ReactNode } from "react";

type ButtonKind = "quiet" | "primary" | "danger";

interface ButtonProps {
  readonly onClick?: () => void;
  readonly type?: "button" | "submit";
  readonly kind?: ButtonKind;
  readonly icon?: IconName;
  /** Says more than the words on it, to screen readers. */
  readonly label?: string;
  readonly isDisabled?: boolean;
  /** Of a button that opens something: whether it is open, and the id of what it opens. */
  readonly isExpanded?: boolean;
  readonly controls?: string | undefined;
  readonly children: ReactNode;
}

const LOOK: Readonly<Record<ButtonKind, string>> = {
  quiet: "border-line-strong bg-surface text-ink hover:bg-raised",
  primary: "border-accent bg-accent text-surface hover:opacity-90",
  danger: "border-bad bg-surface text-bad hover:bg-bad-soft",
};

export function Button({ onClick, type = "button", kind = "quiet", icon, label, isDisabled = false, isExpanded, controls, children }: ButtonProps): ReactNode {
  const ref = useFocusKept<HTMLButtonElement>();
  const press = (event: MouseEvent) => {
    if (isDisabled) event.preventDefault(); // it submits nothing
    else onClick?.();
  };
  return (
    <button
      ref={ref}
      type={type}
      onClick={press}
      // Not `disabled`: the focus would fall to the page, and the keyboard would begin anew at its top.
      aria-disabled={isDisabled}
      aria-label={label}
      aria-expanded={isExpanded}
      aria-controls={controls}
      className={`inline-flex h-8 items-center gap-1.5 rounded-lg border px-3 text-xs font-medium whitespace-nowrap transition-colors aria-disabled:cursor-default aria-disabled:opacity-50 ${LOOK[kind]}`}
    >
      {icon && <Icon name={icon} className="size-3.5" />}
      {children}
    </button>
  );
}

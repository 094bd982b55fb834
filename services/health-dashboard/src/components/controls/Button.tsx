/** A button: quiet, primary for the main step of a form, or red for an action that cannot be undone. */
import { Icon, type IconName } from "@/components/signs/Icon";
import { useFocusKept } from "@/hooks/browser/useFocusKept";
import type { MouseEvent, ReactNode } from "react";

type ButtonKind = "quiet" | "primary" | "danger";

interface ButtonProps {
  readonly onClick?: () => void;
  readonly type?: "button" | "submit";
  readonly kind?: ButtonKind;
  readonly icon?: IconName;
  /** A longer name for screen readers. */
  readonly label?: string;
  readonly isDisabled?: boolean;
  /** For a button that opens something: whether it is open, and the id of the opened element. */
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
    if (isDisabled) event.preventDefault(); // it must not submit the form
    else onClick?.();
  };
  return (
    <button
      ref={ref}
      type={type}
      onClick={press}
      // Not `disabled`: the focus would be lost, and keyboard users would start again at the top of the page.
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

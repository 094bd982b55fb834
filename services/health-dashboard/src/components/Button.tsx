/** A quiet button, with an icon before its words where one helps. */
import { Icon, type IconName } from "@/components/Icon";
import type { ReactNode } from "react";

interface ButtonProps {
  readonly onClick?: () => void;
  readonly type?: "button" | "submit";
  readonly icon?: IconName;
  readonly children: ReactNode;
}

export function Button({ onClick, type = "button", icon, children }: ButtonProps): ReactNode {
  return (
    <button
      type={type}
      onClick={onClick}
      className="inline-flex h-8 items-center gap-1.5 rounded-lg border border-line-strong bg-surface px-3 text-xs font-medium text-ink transition-colors hover:bg-raised"
    >
      {icon && <Icon name={icon} className="size-3.5" />}
      {children}
    </button>
  );
}

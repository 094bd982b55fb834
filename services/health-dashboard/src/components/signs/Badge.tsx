/** A short status word with a dot or an icon. */
import { Icon, type IconName } from "@/components/signs/Icon";
import { TONE_SOFT, type Tone } from "@/components/signs/tones";
import type { ReactNode } from "react";

interface BadgeProps {
  readonly tone: Tone;
  readonly icon?: IconName;
  /** A ring around the dot for live data. Not an animation, which uses a tenth of a CPU core. */
  readonly isLive?: boolean;
  readonly title?: string;
  readonly children: ReactNode;
}

export function Badge({ tone, icon, isLive = false, title, children }: BadgeProps): ReactNode {
  return (
    <span
      title={title}
      className={`inline-flex h-6 items-center gap-1.5 rounded-full px-2.5 text-xs font-medium whitespace-nowrap ${TONE_SOFT[tone]}`}
    >
      {icon ? <Icon name={icon} className="size-3" /> : <Dot isLive={isLive} />}
      {children}
    </span>
  );
}

function Dot({ isLive }: { readonly isLive: boolean }): ReactNode {
  return (
    <span aria-hidden="true" className={`size-1.5 rounded-full bg-current ${isLive ? "ring-2 ring-current/30" : ""}`} />
  );
}

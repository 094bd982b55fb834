/** A sentence within a page about its state or the result of an action. */
import { Icon, type IconName } from "@/components/signs/Icon";
import { TONE_SOFT, type Tone } from "@/components/signs/tones";
import type { ReactNode } from "react";

interface NoticeProps {
  readonly tone: Tone;
  readonly icon?: IconName;
  /** `status` is read out when the screen reader is idle, `alert` immediately. */
  readonly role?: "alert" | "status" | undefined;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

export function Notice({ tone, icon, role, action, children }: NoticeProps): ReactNode {
  return (
    <div role={role} className={`flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg px-3 py-2 text-sm ${TONE_SOFT[tone]}`}>
      {icon && <Icon name={icon} className="mt-0.5 size-4" />}
      <div className="min-w-40 flex-1 text-ink [overflow-wrap:anywhere]">{children}</div>
      {action}
    </div>
  );
}

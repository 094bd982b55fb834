/** The message of an empty list or an error, with what to do. */
import { Icon, type IconName } from "@/components/signs/Icon";
import { TONE_SOFT, type Tone } from "@/components/signs/tones";
import type { ReactNode } from "react";

interface MessageProps {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly role?: "alert";
  readonly action?: ReactNode;
}

export function Message({ tone, icon, title, text, role, action }: MessageProps): ReactNode {
  return (
    <div role={role} className="flex h-full flex-col items-center justify-center gap-1.5 px-6 py-8 text-center">
      <span className={`mb-1.5 grid size-9 place-items-center rounded-full ${TONE_SOFT[tone]}`}>
        <Icon name={icon} />
      </span>
      <p className="text-sm font-medium">{title}</p>
      <p className="max-w-sm text-sm text-ink-soft">{text}</p>
      {action}
    </div>
  );
}

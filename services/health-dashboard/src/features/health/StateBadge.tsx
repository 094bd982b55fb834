/** A status badge of the header, with its text from the situation. */
import { Badge } from "@/components/signs/Badge";
import type { BadgeWords } from "@/features/health/problem";
import type { ReactNode } from "react";

interface StateBadgeProps {
  readonly words: BadgeWords;
  readonly testId: string;
}

export function StateBadge({ words: { tone, text, title, icon }, testId }: StateBadgeProps): ReactNode {
  return (
    <span data-testid={testId} className="inline-flex">
      <Badge tone={tone} title={title} isLive={tone === "info"} {...(icon !== null && { icon })}>
        {text}
      </Badge>
    </span>
  );
}

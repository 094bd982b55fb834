/** Health in a word, for the header. */
import { Badge } from "@/components/Badge";
import type { IconName } from "@/components/Icon";
import type { HealthWords } from "@/features/health/describeHealth";
import type { ReactNode } from "react";

const ICONS: Readonly<Record<HealthWords["tone"], IconName>> = {
  good: "check",
  warn: "alert",
  bad: "alert",
  neutral: "clock",
};

export function HealthBadge({ words }: { readonly words: HealthWords }): ReactNode {
  return (
    <span data-testid="health-badge">
      <Badge tone={words.tone} icon={ICONS[words.tone]} title={[words.headline, ...words.problems.map(({ text }) => text)].join("\n")}>
        {words.badge}
      </Badge>
    </span>
  );
}

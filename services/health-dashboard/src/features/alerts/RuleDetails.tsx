/** The rule of an alert in sentences, opened on request. */
import { describeRule } from "@/features/alerts/describeRule";
import { alertsPageTexts as texts } from "@/texts/alertsPage";
import type { AlertRule } from "@/types/api";
import type { ReactNode } from "react";

/** Undefined if the rule no longer exists. */
export function RuleDetails({ rule }: { readonly rule: AlertRule | undefined }): ReactNode {
  return (
    <details className="text-xs text-ink-soft">
      <summary className="cursor-pointer font-medium text-accent">{texts.rule}</summary>
      <div className="space-y-0.5 pt-1">
        {rule ? describeRule(rule).map((sentence) => <p key={sentence}>{sentence}</p>) : <p>{texts.ruleGone}</p>}
      </div>
    </details>
  );
}

/** The rule behind an alert, in sentences, where it is asked for. */
import { describeRule } from "@/features/alerts/describeRule";
import { alertsPageTexts as texts } from "@/texts/alertsPage";
import type { AlertRule } from "@/types/api";
import type { ReactNode } from "react";

/** Undefined: no rule of this name is in force. */
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

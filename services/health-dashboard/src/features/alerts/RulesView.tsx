/** The effective rules in sentences. */
import { useAlertRules } from "@/api/alerts/getAlertRules";
import { Badge } from "@/components/signs/Badge";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { RunbookLink } from "@/components/links/RunbookLink";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { LEVEL_TONE, ruleWords } from "@/features/alerts/describeAlert";
import { describeRule } from "@/features/alerts/describeRule";
import { alertsTexts } from "@/texts/alerts";
import { alertsPageTexts as texts } from "@/texts/alertsPage";
import { asLoadable } from "@/utils/asLoadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

export function RulesView(): ReactNode {
  const rules = asLoadable(useAlertRules());
  return (
    <Card title={texts.rules} note={texts.rulesNote} staleBecause={staleBecause(rules)}>
      <Faces source={rules} loading={<SkeletonRows rows={8} />} isEmpty={(data) => data.rules.length === 0} empty={texts.noRules}>
        {(data) => (
          <ul aria-label={texts.rules} className="divide-y divide-line">
            {data.rules.map((rule) => (
              <li key={rule.name} className="grid gap-x-4 gap-y-2 px-5 py-3.5 sm:grid-cols-[6rem_1fr_auto]">
                <div>
                  <Badge tone={LEVEL_TONE[rule.level]}>{alertsTexts.levels[rule.level]}</Badge>
                </div>
                <div className="space-y-0.5">
                  <p className="text-sm font-medium first-letter:uppercase">{ruleWords(rule.name)}</p>
                  {describeRule(rule).map((sentence) => (
                    <p key={sentence} className="text-xs text-ink-soft">
                      {sentence}
                    </p>
                  ))}
                </div>
                <div>
                  <RunbookLink runbook={rule.runbook} about={ruleWords(rule.name)} />
                </div>
              </li>
            ))}
          </ul>
        )}
      </Faces>
    </Card>
  );
}

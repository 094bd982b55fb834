/** The comparison of the statistics of store and services, for a gradual rollout. */
import { useComparison } from "@/api/statistics/getComparison";
import { Badge } from "@/components/signs/Badge";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Link } from "@/components/links/Link";
import { Notice } from "@/components/signs/Notice";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { DifferencesTable } from "@/features/records/comparison/DifferencesTable";
import { FieldsTable } from "@/features/records/comparison/FieldsTable";
import { comparisonTexts as texts } from "@/texts/records";
import type { ComparisonAnswer } from "@/types/api";
import { asLoadable } from "@/utils/asLoadable";
import { formatPercent } from "@/utils/format/formatNumber";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

export function ComparisonView(): ReactNode {
  const comparison = asLoadable(useComparison());
  const isOn = comparison.data?.enabled;
  return (
    <Card
      title={texts.title}
      aside={isOn !== undefined && <Badge tone={isOn ? "info" : "neutral"}>{isOn ? texts.on : texts.off}</Badge>}
      staleBecause={staleBecause(comparison)}
    >
      <div className="space-y-4 px-5 py-4">
        <p className="max-w-prose text-sm text-ink-soft">{texts.text}</p>
        <Faces source={comparison} loading={<SkeletonRows rows={4} />} isEmpty={() => false} empty={{ title: texts.off, text: texts.offText }}>
          {(data) => <Result comparison={data} />}
        </Faces>
      </div>
    </Card>
  );
}

function Result({ comparison }: { readonly comparison: ComparisonAnswer }): ReactNode {
  const { enabled, answers_compared: answers, answers_differing: differing, answers_not_compared: failed, answers_not_covered: uncovered } = comparison;
  return (
    <>
      {!enabled && (
        <Notice tone="neutral" icon="pause">
          {texts.offText}{" "}
          <Link to="/settings?view=statistics" className="text-accent underline underline-offset-2">
            {texts.toSettings}
          </Link>
        </Notice>
      )}
      {(enabled || answers > 0) && (
        <Notice tone={answers === 0 ? "neutral" : differing === 0 ? "good" : "warn"}>
          <p className="font-medium">{answers === 0 ? texts.waiting : differing === 0 ? texts.agree(answers) : texts.differ(differing, answers)}</p>
          <p className="text-xs text-ink-soft">
            {texts.tolerance(formatPercent(comparison.tolerance_percent))} {failed > 0 && texts.notCompared(failed)}{" "}
            {uncovered > 0 && texts.notCovered(uncovered)}
          </p>
        </Notice>
      )}
      {Object.keys(comparison.fields).length > 0 && <FieldsTable fields={comparison.fields} />}
      {comparison.differences.length > 0 && <DifferencesTable differences={comparison.differences} />}
    </>
  );
}

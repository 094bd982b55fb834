/** The source of statistics: what it means, and the switches of the rollout. */
import { useStatsSource } from "@/api/statistics/getStatsSource";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Link } from "@/components/links/Link";
import { Notice } from "@/components/signs/Notice";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { limitsOf, meaningOf } from "@/features/settings/statistics/statsChange";
import { StatsSourceForm } from "@/features/settings/statistics/StatsSourceForm";
import { statisticsTexts as texts } from "@/texts/settings";
import { asLoadable } from "@/utils/asLoadable";
import { staleBecause } from "@/utils/time/staleBecause";
import { useState, type ReactNode } from "react";

export function StatisticsView(): ReactNode {
  const source = asLoadable(useStatsSource());
  const [isSaved, setIsSaved] = useState(false);
  return (
    <Card title={texts.title} staleBecause={staleBecause(source)}>
      <div className="space-y-4 px-5 py-4">
        <Faces source={source} loading={<SkeletonRows rows={5} />} isEmpty={() => false} empty={{ title: texts.title, text: "" }}>
          {(inForce) => (
            <>
              <Notice tone="info">
                {[...meaningOf(inForce), ...limitsOf(inForce)].map((sentence) => (
                  <p key={sentence}>{sentence}</p>
                ))}
              </Notice>
              <StatsSourceForm
                key={JSON.stringify(inForce)}
                inForce={inForce}
                onSaved={() => {
                  setIsSaved(true);
                }}
              />
              <p role="status" className="text-sm text-good">
                {isSaved && texts.saved}
              </p>
              <Link to="/records?view=comparison" className="inline-block text-sm text-accent underline underline-offset-2">
                {texts.toComparison}
              </Link>
            </>
          )}
        </Faces>
      </div>
    </Card>
  );
}

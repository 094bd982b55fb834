/** The alert history of a time range, page by page. Time range and rule are in the address. */
import { useAlertHistory } from "@/api/alerts/getAlertHistory";
import { useAlertRules } from "@/api/alerts/getAlertRules";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { FilterSelect } from "@/components/controls/FilterSelect";
import { Pager } from "@/components/controls/Pager";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { ruleWords } from "@/features/alerts/describeAlert";
import { HistoryRow } from "@/features/alerts/HistoryRow";
import { useFilterParam } from "@/hooks/address/useFilterParam";
import { useNow } from "@/hooks/useNow";
import { alertsPageTexts as texts } from "@/texts/alertsPage";
import { asLoadable } from "@/utils/asLoadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";
import { useSearchParams } from "@/hooks/address/useSearchParams";

const PER_PAGE = 25;
const DEFAULT = "7d";
const TIMES = Object.entries(texts.withinWords).map(([value, label]) => ({ value, label }));

export function HistoryView(): ReactNode {
  const [search] = useSearchParams();
  const [within, setWithin] = useFilterParam("within");
  const [rule, setRule] = useFilterParam("rule");
  const nowMs = useNow();
  const rules = useAlertRules().data?.rules ?? [];
  const period = TIMES.some(({ value }) => value === within) ? within : DEFAULT;
  const question = { period, rule: rule || undefined, limit: PER_PAGE, cursor: search.get("cursor") ?? undefined };
  const history = asLoadable(useAlertHistory(question));
  const names = [...new Set([...rules.map(({ name }) => name), ...(rule ? [rule] : [])])];
  return (
    <Card title={texts.history} note={texts.historyNote} staleBecause={staleBecause(history)}>
      <div className="flex flex-wrap gap-x-5 gap-y-2 border-b border-line px-5 py-3">
        <FilterSelect
          label={texts.within}
          value={period}
          options={TIMES}
          onChange={(value) => {
            setWithin(value === DEFAULT ? "" : value);
          }}
        />
        <FilterSelect
          label={texts.ruleFilter}
          value={rule}
          options={[{ value: "", label: texts.everyRule }, ...names.map((value) => ({ value, label: ruleWords(value) }))]}
          onChange={setRule}
        />
      </div>
      <Faces source={history} loading={<SkeletonRows rows={6} />} isEmpty={(data) => data.alerts.length === 0} empty={texts.noHistory}>
        {(data) => (
          <>
            <ul aria-label={texts.history} className="divide-y divide-line">
              {data.alerts.map((alert) => (
                <HistoryRow key={alert.id} alert={alert} nowMs={nowMs} />
              ))}
            </ul>
            <Pager nextCursor={data.next_cursor} />
          </>
        )}
      </Faces>
    </Card>
  );
}

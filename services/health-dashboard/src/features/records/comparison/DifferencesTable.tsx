/** The newest figures that differed between store and services. */
import { Button } from "@/components/controls/Button";
import { DataTable } from "@/components/layout/DataTable";
import { figureWords, questionWords } from "@/features/records/comparison/figureWords";
import { serverClock } from "@/lib/serverClock";
import { comparisonTexts as texts } from "@/texts/records";
import type { ComparedDifference } from "@/types/api";
import { formatPercent } from "@/utils/format/formatNumber";
import { formatSecond } from "@/utils/format/formatTime";
import { useState, type ReactNode } from "react";

const COLUMNS = [
  { label: texts.time },
  { label: texts.field },
  { label: texts.question },
  { label: texts.store, isNumber: true },
  { label: texts.services, isNumber: true },
  { label: texts.difference, isNumber: true },
];
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

const FIRST = 20;

export function DifferencesTable({ differences }: { readonly differences: readonly ComparedDifference[] }): ReactNode {
  const nowMs = serverClock.now();
  const [showsAll, setShowsAll] = useState(false);
  const rows = (showsAll ? differences : differences.slice(0, FIRST)).map((each, at) => ({
    key: `${each.time} ${each.field} ${at}`,
    cells: [
      <time key="time" dateTime={each.time} className="whitespace-nowrap">
        {formatSecond(Date.parse(each.time), nowMs)}
      </time>,
      figureWords(each.field),
      <span key="question" className="whitespace-nowrap">
        {questionWords(each.question, nowMs)}
      </span>,
      NUMBER.format(each.store),
      NUMBER.format(each.services),
      formatPercent(each.difference_percent),
    ],
  }));
  return (
    <div className="space-y-2">
      <DataTable caption={texts.newest} columns={COLUMNS} rows={rows} />
      {rows.length < differences.length && (
        <Button
          onClick={() => {
            setShowsAll(true);
          }}
        >
          {texts.more(differences.length)}
        </Button>
      )}
    </div>
  );
}

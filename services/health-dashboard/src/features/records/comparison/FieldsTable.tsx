/** For each figure: how often it was compared, how often it differed, and the largest difference. */
import { DataTable } from "@/components/layout/DataTable";
import { figureWords } from "@/features/records/comparison/figureWords";
import { comparisonTexts as texts } from "@/texts/records";
import type { ComparisonAnswer } from "@/types/api";
import { formatCount, formatPercent } from "@/utils/format/formatNumber";
import type { ReactNode } from "react";

const COLUMNS = [
  { label: texts.field },
  { label: texts.compared, isNumber: true },
  { label: texts.differing, isNumber: true },
  { label: texts.largest, isNumber: true },
];

export function FieldsTable({ fields }: { readonly fields: ComparisonAnswer["fields"] }): ReactNode {
  const rows = Object.entries(fields)
    .sort(([, a], [, b]) => b.differing - a.differing)
    .map(([field, tally]) => ({
      key: field,
      cells: [
        figureWords(field),
        formatCount(tally.compared),
        <span key={field} className={tally.differing > 0 ? "text-warn" : undefined}>
          {formatCount(tally.differing)}
        </span>,
        tally.differing > 0 ? formatPercent(tally.largest_percent) : formatPercent(null),
      ],
    }));
  return <DataTable caption={texts.fields} columns={COLUMNS} rows={rows} />;
}

/** Over which period the page looks. */
import { SegmentedControl } from "@/components/SegmentedControl";
import { PERIOD_FACTS, PERIODS, type Period } from "@/types/period";
import type { ReactNode } from "react";

const OPTIONS = PERIODS.map((value) => ({ value, label: `Last ${PERIOD_FACTS[value].words}`, face: value }));

interface PeriodControlProps {
  readonly period: Period;
  readonly onChange: (period: Period) => void;
}

export function PeriodControl({ period, onChange }: PeriodControlProps): ReactNode {
  return <SegmentedControl label="Period" options={OPTIONS} value={period} onChange={onChange} />;
}

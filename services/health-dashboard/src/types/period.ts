/** The time range of a page: a period that ends now, or a free range; and the window of each period. */
import { periodTexts } from "@/texts/period";

export const PERIODS = ["15m", "1h", "6h", "24h", "7d", "30d", "90d", "1y"] as const;

export type Period = (typeof PERIODS)[number];

/** Two times in RFC 3339, UTC. */
export interface FreeRange {
  readonly start: string;
  readonly end: string;
}

export type TimeChoice = Period | FreeRange;

interface PeriodFacts {
  readonly window: string;
  readonly windowMinutes: number;
  readonly minutes: number;
  readonly words: string;
}

export const PERIOD_FACTS: Readonly<Record<Period, PeriodFacts>> = {
  "15m": { window: "1m", windowMinutes: 1, minutes: 15, words: periodTexts.words["15m"] },
  "1h": { window: "1m", windowMinutes: 1, minutes: 60, words: periodTexts.words["1h"] },
  "6h": { window: "5m", windowMinutes: 5, minutes: 360, words: periodTexts.words["6h"] },
  "24h": { window: "15m", windowMinutes: 15, minutes: 1440, words: periodTexts.words["24h"] },
  "7d": { window: "1h", windowMinutes: 60, minutes: 10_080, words: periodTexts.words["7d"] },
  "30d": { window: "6h", windowMinutes: 360, minutes: 43_200, words: periodTexts.words["30d"] },
  "90d": { window: "1d", windowMinutes: 1440, minutes: 129_600, words: periodTexts.words["90d"] },
  "1y": { window: "7d", windowMinutes: 10_080, minutes: 525_600, words: periodTexts.words["1y"] },
};

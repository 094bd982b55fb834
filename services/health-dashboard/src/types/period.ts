/** The periods that can be chosen, with the window in which each is drawn. */

export const PERIODS = ["15m", "1h", "6h", "24h", "7d"] as const;

export type Period = (typeof PERIODS)[number];

interface PeriodFacts {
  readonly window: string;
  readonly windowMinutes: number;
  readonly minutes: number;
  readonly words: string;
}

export const PERIOD_FACTS: Readonly<Record<Period, PeriodFacts>> = {
  "15m": { window: "1m", windowMinutes: 1, minutes: 15, words: "15 minutes" },
  "1h": { window: "1m", windowMinutes: 1, minutes: 60, words: "hour" },
  "6h": { window: "5m", windowMinutes: 5, minutes: 360, words: "6 hours" },
  "24h": { window: "15m", windowMinutes: 15, minutes: 1440, words: "24 hours" },
  "7d": { window: "1h", windowMinutes: 60, minutes: 10080, words: "7 days" },
};

/** Formats numbers: grouped, rounded by their size, with a suitable unit. */

export const NO_VALUE = "–";

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const ONE_DIGIT = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const TWO_DIGITS = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** A count: `12,345`; a dash if it is unknown. */
export function formatCount(count: number | null): string {
  return count === null ? NO_VALUE : WHOLE.format(count);
}

/** A rate: one decimal below ten, none above; `<0.1` for small rates other than 0. */
export function formatRate(rate: number | null): string {
  if (rate === null) return NO_VALUE;
  if (rate > 0 && rate < 0.1) return "<0.1";
  return rate === 0 || rate >= 9.95 ? WHOLE.format(rate) : ONE_DIGIT.format(rate);
}

/** A rate in short form: `28.6k` from ten thousand on. */
export function formatShortRate(rate: number | null): string {
  return rate !== null && rate >= 9_999.5 ? COMPACT.format(rate).replace("K", "k") : formatRate(rate);
}

/** A percentage; only exact values are written as 0 or 100. */
export function formatPercent(percent: number | null): string {
  if (percent === null) return NO_VALUE;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent < 0.01) return "<0.01 %";
  if (percent > 99.99 && percent < 100) return ">99.99 %";
  return `${(percent < 1 || percent > 99 ? TWO_DIGITS : ONE_DIGIT).format(percent)} %`;
}

/** A duration of milliseconds or seconds, given in milliseconds: `0.45 ms`, `12 ms`, `1.5 s`. */
export function formatLatency(ms: number | null): string {
  if (ms === null) return NO_VALUE;
  if (ms >= 999.5) return `${formatRate(ms / 1000)} s`;
  if (ms > 0 && ms < 0.01) return "<0.01 ms";
  return `${ms > 0 && ms < 1 ? TWO_DIGITS.format(ms) : formatRate(ms)} ms`;
}

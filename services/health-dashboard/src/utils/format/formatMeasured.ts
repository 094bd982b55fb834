/** Formats a measured value with its unit, rounded by its size. */
import { NO_VALUE } from "@/utils/format/formatNumber";

/** `20.46 °C`, `1,235 W`, `0.0021 m³`; a dash if it is unknown. */
export function formatMeasured(value: number | null, unit: string | null): string {
  if (value === null) return NO_VALUE;
  const size = Math.abs(value);
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : 2;
  const options = size > 0 && size < 1 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: digits };
  const text = new Intl.NumberFormat("en", options).format(value);
  return unit === null ? text : `${text} ${unit}`;
}

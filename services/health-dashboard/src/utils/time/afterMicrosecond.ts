/** The next microsecond after a time, as the exclusive end of a range that includes an event of that time. */

/** `time` in UTC with six digits, as the API writes it. */
export function afterMicrosecond(time: string): string {
  const found = /^(.*\.)(\d{6})(\+00:00|Z)$/.exec(time);
  if (found === null) return time;
  const [, before = "", digits = "", zone = ""] = found;
  const next = Number(digits) + 1;
  if (next < 1_000_000) return `${before}${String(next).padStart(6, "0")}${zone}`;
  return new Date(Date.parse(`${before}000${zone}`) + 1_000).toISOString();
}

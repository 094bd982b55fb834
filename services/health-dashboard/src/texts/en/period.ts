/** Texts of periods and free ranges. */
export const periodTexts = {
  label: "Period",
  words: {
    "15m": "15 minutes",
    "1h": "hour",
    "6h": "6 hours",
    "24h": "24 hours",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "1y": "year",
  },
  last: (words: string) => `last ${words}`,
  lastLabel: (words: string) => `Last ${words}`,
  range: (start: string, end: string) => `${start} – ${end}`,
  custom: "Custom",
  customLabel: "Custom range",
  start: "From",
  end: "To",
  apply: "Apply",
  cancel: "Cancel",
  invalid: "The start must be before the end.",
};

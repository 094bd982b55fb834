/** Texts of the charts. */

export const chartTexts = {
  time: "Time",
  /** Appended to the time of a window that has not ended. */
  soFar: ", so far",
  caption: (label: string) => `${label}, by time`,
  timeOf: (label: string) => `${label}: time`,
  noTime: "No time selected",
} as const;

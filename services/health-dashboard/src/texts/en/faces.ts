/** Texts of a card without data. */

export const FACES = {
  notAvailable: "Not available at the moment",
  comesBack: "It is shown again when the server answers.",
  retried: "The page tries again every few seconds.",
  retry: "Try now",
  notCurrent: "not current",
  asOf: (time: string) => `as of ${time}`,
} as const;

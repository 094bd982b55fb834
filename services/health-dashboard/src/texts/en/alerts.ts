/** Texts of an active alert and its acknowledgement. */
export const alertsTexts = {
  list: "Active alerts",
  activeNote: (count: number, unknown: number) =>
    unknown === count ? `${count} active` : `${count} active, ${unknown} not acknowledged`,
  notKnown: (reason: string) => `Alerts cannot be loaded: ${reason}`,
  acknowledge: "Acknowledge",
  signIn: "Sign in",
  toAcknowledge: (what: string) => `to acknowledge ${what}`,
  failed: (reason: string) => `Failed: ${reason}`,
  about: (rule: string, service: string) => `${rule}, ${service}`,
  since: (moment: string, duration: string) => `since ${moment}, for ${duration}`,
  acknowledgedAt: (moment: string, by: string | null) => `acknowledged ${moment}${by === null ? "" : ` by ${by}`}`,
  silencedUntil: (moment: string) => `silenced until ${moment}`,
  levels: { critical: "critical", warning: "warning", info: "info" },
  services: { store: "Store", home: "Home" } as Readonly<Record<string, string>>,
} as const;

/** The tones of a status. Colour is never the only indicator. */

export type Tone = "good" | "warn" | "bad" | "info" | "neutral";

export const TONE_TEXT: Readonly<Record<Tone, string>> = {
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  info: "text-accent",
  neutral: "text-ink-soft",
};

export const TONE_SOFT: Readonly<Record<Tone, string>> = {
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  info: "bg-accent-soft text-accent",
  neutral: "bg-raised text-ink-soft",
};

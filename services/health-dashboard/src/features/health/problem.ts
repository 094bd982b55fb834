/** What the page knows, and what it concludes: the vocabulary of the situation. */
import type { IconName } from "@/components/signs/Icon";
import type { Tone } from "@/components/signs/tones";
import type { FeedStatus } from "@/lib/liveFeed";
import type { Alert, Backfill, Gap, HealthAnswer, StatsSource } from "@/types/api";

/** How many events arrive, are stored and wait; null where that is not known. */
export interface Flow {
  readonly receivedPerMinute: number | null;
  readonly storedPerMinute: number | null;
  readonly waiting: number | null;
}

/** Everything that the page knows; undefined or null where an answer is missing. */
export interface Known {
  /** By the server's clock, as every time here. */
  readonly nowMs: number;
  readonly health: HealthAnswer | undefined;
  readonly healthError: Error | null;
  /** When `health` came. */
  readonly healthAtMs: number | null;
  readonly stream: FeedStatus;
  readonly isPaused: boolean;
  readonly alerts: readonly Alert[] | undefined;
  readonly gaps: { readonly gaps: readonly Gap[]; readonly open: number } | undefined;
  readonly backfill: Backfill | null;
  readonly source: StatsSource | undefined;
}

/** One thing that is wrong, or worth knowing. */
export interface Problem {
  readonly kind: string;
  readonly tone: Tone;
  readonly headline: string;
  /** What it means, in words for a person. */
  readonly text: string;
  /** What to do; null where nothing is to be done, or the text says so. */
  readonly action: string | null;
  /** A moment that is known, with what it is the moment of. */
  readonly since: { readonly label: string; readonly ms: number } | null;
  /** The path of the runbook. */
  readonly runbook: string | null;
  /** The technical reason. */
  readonly reason: string | null;
  /** The page that shows more. */
  readonly page?: "/alerts" | "/flow" | "/records";
}

/** A badge of the header. */
export interface BadgeWords {
  readonly tone: Tone;
  readonly text: string;
  readonly title: string;
  readonly icon: IconName | null;
}

/** What the page says. */
export interface Situation {
  readonly kind: string;
  readonly tone: Tone;
  readonly headline: string;
  readonly text: string;
  /** What is wrong, the gravest first; the first is the subject of the headline. */
  readonly problems: readonly Problem[];
  /** Something is down: every page shows it, once, and no card repeats it. */
  readonly isOutage: boolean;
  readonly health: BadgeWords;
  readonly stream: BadgeWords;
  /** When the last answer came, while there are no newer ones. */
  readonly asOfMs: number | null;
}

/** The path of a runbook by its name. */
export function runbook(name: string): string {
  return `/api/v1/runbooks/${name}`;
}

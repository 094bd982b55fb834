/** The types of the situation: input data and result. */
import type { IconName } from "@/components/signs/Icon";
import type { Tone } from "@/components/signs/tones";
import type { FeedStatus } from "@/lib/liveFeed";
import type { Alert, Backfill, Gap, HealthAnswer, StatsSource } from "@/types/api";

/** The rates of received and stored events and the number of waiting ones; null if unknown. */
export interface Flow {
  readonly receivedPerMinute: number | null;
  readonly storedPerMinute: number | null;
  readonly waiting: number | null;
}

/** All data of the page; undefined or null if an answer is missing. */
export interface Known {
  /** By the server's clock, as all times here. */
  readonly nowMs: number;
  readonly health: HealthAnswer | undefined;
  readonly healthError: Error | null;
  /** Time of the last `health` answer. */
  readonly healthAtMs: number | null;
  readonly stream: FeedStatus;
  readonly isPaused: boolean;
  readonly alerts: readonly Alert[] | undefined;
  readonly gaps: { readonly gaps: readonly Gap[]; readonly open: number } | undefined;
  readonly backfill: Backfill | null;
  readonly source: StatsSource | undefined;
}

/** One problem or notice. */
export interface Problem {
  readonly kind: string;
  readonly tone: Tone;
  readonly headline: string;
  /** Explains what it means. */
  readonly text: string;
  /** What to do; null if nothing has to be done or the text states it. */
  readonly action: string | null;
  /** A known time, with its label. */
  readonly since: { readonly label: string; readonly ms: number } | null;
  /** The path of the runbook. */
  readonly runbook: string | null;
  /** The technical reason. */
  readonly reason: string | null;
  /** The page with details. */
  readonly page?: "/alerts" | "/flow" | "/records";
}

/** The text of a header badge. */
export interface BadgeWords {
  readonly tone: Tone;
  readonly text: string;
  readonly title: string;
  readonly icon: IconName | null;
}

/** The situation as shown on the page. */
export interface Situation {
  readonly kind: string;
  readonly tone: Tone;
  readonly headline: string;
  readonly text: string;
  /** The problems, most severe first. The first one is the headline. */
  readonly problems: readonly Problem[];
  /** There is an outage: every page shows it in the banner, and no card repeats it. */
  readonly isOutage: boolean;
  readonly health: BadgeWords;
  readonly stream: BadgeWords;
  /** Time of the last answer, while there is no newer one. */
  readonly asOfMs: number | null;
}

/** Return the path of a runbook. */
export function runbook(name: string): string {
  return `/api/v1/runbooks/${name}`;
}

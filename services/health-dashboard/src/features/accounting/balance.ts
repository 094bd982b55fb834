/** The balance of events: outcomes that add up to the received events, and whether they do. */
import type { Account, AccountingAnswer } from "@/types/api";

/** The service that receives the events: its account covers the complete data flow. */
const FIRST = "websocket-ingestion";

export type PartName = "written" | "queued" | "duplicate" | "filtered" | "rejected" | "expired" | "failed";

export interface Part {
  readonly name: PartName;
  readonly count: number;
  /** Percentage of the total. */
  readonly share: number;
}

export interface Balance {
  readonly received: number;
  /** Events that were queued before the period and got their outcome in it. */
  readonly fromQueue: number;
  /** In display order; parts with a count of 0 are included. */
  readonly parts: readonly Part[];
  /** Events without outcome that are not queued; negative if there are more outcomes than received events. */
  readonly difference: number;
  /** The difference of every other service whose account does not add up. */
  readonly others: readonly { readonly service: string; readonly difference: number }[];
}

/** Return the balance; null if websocket-ingestion has not reported. */
export function toBalance({ services }: AccountingAnswer): Balance | null {
  const account = services[FIRST];
  if (account === undefined) return null;
  const growth = account.queued_at_end - account.queued_at_start;
  const fromQueue = Math.max(0, -growth);
  const whole = account.received + fromQueue;
  const counts = { ...account, queued: Math.max(0, growth) };
  return {
    received: account.received,
    fromQueue,
    parts: ORDER.map((name) => ({ name, count: counts[name], share: whole === 0 ? 0 : (100 * counts[name]) / whole })),
    difference: account.difference,
    others: Object.entries(services).flatMap(([service, { difference }]: [string, Account]) =>
      service === FIRST || difference === 0 ? [] : { service, difference },
    ),
  };
}

const ORDER: readonly PartName[] = ["written", "queued", "duplicate", "filtered", "rejected", "expired", "failed"];

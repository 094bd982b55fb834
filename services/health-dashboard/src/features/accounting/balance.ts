/** The balance of the events: parts that add up to what was received, and whether they do. */
import type { Account, AccountingAnswer } from "@/types/api";

/** The service at which events arrive: its account is that of the whole way. */
const FIRST = "websocket-ingestion";

export type PartName = "written" | "queued" | "duplicate" | "filtered" | "rejected" | "expired" | "failed";

export interface Part {
  readonly name: PartName;
  readonly count: number;
  /** Of the whole, in percent. */
  readonly share: number;
}

export interface Balance {
  readonly received: number;
  /** What the queue gave back: it was received before, and ended in this period. */
  readonly fromQueue: number;
  /** The greatest first, as the way of an event goes; those of 0, too. */
  readonly parts: readonly Part[];
  /** Events without outcome that are not queued; below 0 if there are more outcomes than received events. */
  readonly difference: number;
  /** The same of every other service whose account does not add up. */
  readonly others: readonly { readonly service: string; readonly difference: number }[];
}

/** The balance of an answer; null where the service at which events arrive has not reported. */
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

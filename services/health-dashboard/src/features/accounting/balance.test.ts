import { toBalance } from "@/features/accounting/balance";
import { anAccount, anAccountingAnswer } from "@/test/fixtures";
import { expect, test } from "vitest";

const balance = (change: Parameters<typeof anAccount>[0]) => {
  const found = toBalance(anAccountingAnswer({ "websocket-ingestion": anAccount(change) }));
  if (found === null) throw new Error("no balance");
  return found;
};
const sum = (change: Parameters<typeof anAccount>[0]) => balance(change).parts.reduce((total, { count }) => total + count, 0);

test("the parts add up to what was received", () => {
  expect(sum({})).toBe(balance({}).received);
  expect(balance({}).parts.reduce((total, { share }) => total + share, 0)).toBeCloseTo(100);
});

test("the growth of the queue is a part", () => {
  const change = { received: 100, written: 60, duplicate: 0, filtered: 0, rejected: 0, queued_at_start: 5, queued_at_end: 45 };
  expect(balance(change).parts.find(({ name }) => name === "queued")).toEqual({ name: "queued", count: 40, share: 40 });
  expect(sum(change)).toBe(100);
});

test("events queued before the period have outcomes in it, too", () => {
  const change = { received: 100, written: 130, duplicate: 0, filtered: 0, rejected: 0, queued_at_start: 30, queued_at_end: 0 };
  expect(balance(change)).toMatchObject({ received: 100, fromQueue: 30 });
  expect(sum(change)).toBe(130);
});

test("the difference of every service is shown", () => {
  const services = { "websocket-ingestion": anAccount({ difference: 3, adds_up: false }), "enrichment-pipeline": anAccount({ difference: -2, adds_up: false }) };
  expect(toBalance(anAccountingAnswer(services))).toMatchObject({ difference: 3, others: [{ service: "enrichment-pipeline", difference: -2 }] });
});

test("without a report of websocket-ingestion the balance is unknown", () => {
  expect(toBalance(anAccountingAnswer({}))).toBeNull();
});

test("without received events all shares are 0", () => {
  const nothing = { received: 0, written: 0, duplicate: 0, filtered: 0, rejected: 0 };
  expect(balance(nothing).parts.every(({ share }) => share === 0)).toBe(true);
});

import { afterMicrosecond } from "@/utils/time/afterMicrosecond";
import { expect, test } from "vitest";

test.each([
  ["2026-11-24T12:00:25.000000+00:00", "2026-11-24T12:00:25.000001+00:00"],
  ["2026-11-24T12:00:25.123459Z", "2026-11-24T12:00:25.123460Z"],
  ["2026-12-31T23:59:59.999999+00:00", "2027-01-01T00:00:00.000Z"],
  ["something else", "something else"],
])("after %s comes %s", (time, next) => {
  expect(afterMicrosecond(time)).toBe(next);
});

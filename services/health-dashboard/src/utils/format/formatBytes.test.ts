import { formatBytes } from "@/utils/format/formatBytes";
import { expect, test } from "vitest";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [1023, "1023 bytes"],
  [1536, "1.5 KiB"],
  [36_864, "36 KiB"],
  [64 * 1024 * 1024, "64 MiB"],
  [2 ** 31, "2 GiB"],
])("%s bytes read %s", (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});

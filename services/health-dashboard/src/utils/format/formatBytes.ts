/** Formats sizes in the units of the settings: 1 KiB is 1,024 bytes. */

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** `512 bytes`, `1.5 KiB`, `64 MiB`. */
export function formatBytes(bytes: number): string {
  const at = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1024 ** at;
  const digits = at === 0 || size >= 9.95 || Number.isInteger(size) ? 0 : 1;
  return `${size.toFixed(digits)} ${at === 0 && bytes === 1 ? "byte" : (UNITS[at] ?? "")}`;
}

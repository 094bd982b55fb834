/** The remaining time of a tap: `9:05`, counted down in seconds. */
export function remainingWords(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** How long a tap stays open: `9:05`, with the seconds counted down to nothing. */
export function remainingWords(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

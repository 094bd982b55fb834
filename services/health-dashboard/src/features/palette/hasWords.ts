/** Returns whether a text contains every word of a search, ignoring case. */
export function hasWords(text: string, words: string): boolean {
  const whole = text.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => whole.includes(word));
}

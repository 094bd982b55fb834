/** Whether each word that was typed is a part of a text; case does not matter. */
export function hasWords(text: string, words: string): boolean {
  const whole = text.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => whole.includes(word));
}

/** What came, made readable: JSON with indentation where it is JSON, bounded to what a page can show. */

export interface PrettyPayload {
  readonly text: string;
  readonly isJson: boolean;
  /** Characters of the whole; more than `text` has where it is cut. */
  readonly length: number;
  readonly isCut: boolean;
}

/** Return at most `most` characters of the payload. */
export function prettyPayload(payload: string, most: number): PrettyPayload {
  const indented = indent(payload);
  const whole = indented ?? payload;
  return { text: whole.slice(0, most), isJson: indented !== null, length: whole.length, isCut: whole.length > most };
}

function indent(payload: string): string | null {
  try {
    const value: unknown = JSON.parse(payload);
    // A frame that is no JSON is kept as a string of JSON; what came is the string.
    return typeof value === "string" ? null : JSON.stringify(value, null, 2);
  } catch {
    return null;
  }
}

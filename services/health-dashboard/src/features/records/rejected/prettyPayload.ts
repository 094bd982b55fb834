/** Formats a payload: indented if it is JSON, limited to the length that a page can show. */

export interface PrettyPayload {
  readonly text: string;
  readonly isJson: boolean;
  /** Length of the complete payload; more than that of `text` if it is cut. */
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
    // A frame that is not JSON is stored as a JSON string; the payload is that string.
    return typeof value === "string" ? null : JSON.stringify(value, null, 2);
  } catch {
    return null;
  }
}

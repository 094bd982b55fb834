/** A random id of this browser, by which the API keeps its answers from one source while statistics move to another. */

const KEY = "ha-ingestor.client-id";

/** The id that was kept; a new one where there is none, or nothing can be kept. */
export function clientId(): string {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept !== null && /^[0-9a-f]{32}$/.test(kept)) return kept;
    const made = randomHex();
    localStorage.setItem(KEY, made);
    return made;
  } catch {
    return randomHex(); // a browser that keeps nothing, or a frame that may not
  }
}

function randomHex(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

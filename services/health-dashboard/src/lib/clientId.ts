/** A random id of this browser. During a rollout the API uses it to serve a browser from one source. */

const KEY = "ha-ingestor.client-id";

/** Return the stored id, or a new one if there is none or storage is not available. */
export function clientId(): string {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept !== null && /^[0-9a-f]{32}$/.test(kept)) return kept;
    const made = randomHex();
    localStorage.setItem(KEY, made);
    return made;
  } catch {
    return randomHex(); // storage is disabled, or forbidden in this frame
  }
}

function randomHex(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

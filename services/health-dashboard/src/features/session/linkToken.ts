/** The secret of a sign-in link. It is in the fragment of the address, which is never sent, and is removed from the history immediately. */

const NAME = "#sign-in=";

/** Remove the secret from the address and return it; null if there is none. */
export function takeLinkToken(): string | null {
  if (!location.hash.startsWith(NAME)) return null;
  const token = location.hash.slice(NAME.length);
  history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}

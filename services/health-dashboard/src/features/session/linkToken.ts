/** The secret of a sign-in link: in the fragment of the address, which is never sent, and leaves the history at once. */

const NAME = "#sign-in=";

/** Takes the secret out of the address; null where there is none. */
export function takeLinkToken(): string | null {
  if (!location.hash.startsWith(NAME)) return null;
  const token = location.hash.slice(NAME.length);
  history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}

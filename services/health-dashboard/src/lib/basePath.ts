/** The base path of the dashboard: `/` or the prefix of a proxy, from the `<base>` element. */

/** Without a trailing slash, as the router needs it, and encoded as in the browser's location. */
export function basePath(): string {
  return new URL(".", document.baseURI).pathname.replace(/\/+$/, "") || "/";
}

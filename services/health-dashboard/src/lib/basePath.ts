/** The path that the whole dashboard is below: `/`, or a proxy's prefix, as the page's `<base>` says. */

/** Without a slash at its end, as the router wants it, and encoded as in the browser's location. */
export function basePath(): string {
  return new URL(".", document.baseURI).pathname.replace(/\/+$/, "") || "/";
}

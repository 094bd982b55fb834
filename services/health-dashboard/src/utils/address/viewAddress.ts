/** The address of another view of a page: time range and home are kept; filters and the position in a list are not. */

const SHARED = ["period", "start", "end", "home"];

/** Return the query of another view. The first view is null and has no name in the address; `keeps` names further parameters to keep. */
export function viewAddress(search: URLSearchParams, view: string | null, keeps: readonly string[] = []): string {
  const next = new URLSearchParams();
  if (view !== null) next.set("view", view);
  for (const name of new Set([...SHARED, ...keeps])) {
    const value = search.get(name);
    if (value !== null) next.set(name, value);
  }
  return `?${next.toString()}`;
}

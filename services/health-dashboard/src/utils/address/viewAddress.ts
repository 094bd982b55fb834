/** The address of a part of a page: the time and the home stay, filters and places in a list belong to the part before. */

const SHARED = ["period", "start", "end", "home"];

/** Return the query of another part; `view` null is the first one, which has no name in the address; `keeps` names what else stays. */
export function viewAddress(search: URLSearchParams, view: string | null, keeps: readonly string[] = []): string {
  const next = new URLSearchParams();
  if (view !== null) next.set("view", view);
  for (const name of new Set([...SHARED, ...keeps])) {
    const value = search.get(name);
    if (value !== null) next.set(name, value);
  }
  return `?${next.toString()}`;
}

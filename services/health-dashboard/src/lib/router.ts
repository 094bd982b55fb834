/**
 * The router: the current location below the base path, and navigation by the browser's history.
 *
 * React Router does the same, but takes 13 of the 130 kB that a first load may have (docs/adr/0026).
 */
import { basePath } from "@/lib/basePath";

export interface Place {
  /** Relative to the base path, encoded as in the address. */
  readonly pathname: string;
  readonly search: string;
  /** Number of navigations, so that following a link to the current page is noticed. */
  readonly step: number;
  /** Reached by a link, not by Back, Forward or a reload. */
  readonly isPush: boolean;
}

interface NavigateOptions {
  /** Replaces the current entry of the history. */
  readonly replace?: boolean;
}

const listeners = new Set<() => void>();
let href: string | null = null;
let place: Place = { pathname: "/", search: "", step: 0, isPush: false };

/** Return the current location; the same object until it changes. */
export function currentPlace(): Place {
  return href === location.href ? place : readPlace(false);
}

/** Call `listener` after each change, until the returned function is called. */
export function subscribePlace(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("popstate", notify);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("popstate", notify);
  };
}

/** The URL of a place: `/flow?period=7d`, or `?period=7d` for the current page. */
export function hrefOf(to: string): string {
  const base = basePath();
  const path = to.startsWith("?") || to === "" ? currentPlace().pathname + to : to;
  return (base === "/" ? "" : base) + path.replace(/^\/*/, "/"); // two slashes would begin another server's name
}

/** Go to a place below the base path; the same place again is no new entry of the history. */
export function navigate(to: string, { replace = false }: NavigateOptions = {}): void {
  const target = new URL(hrefOf(to), location.origin).href;
  if (replace || target === location.href) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  readPlace(!replace);
  notify();
}

function readPlace(isPush: boolean): Place {
  href = location.href;
  const base = basePath();
  const { pathname, search } = location;
  const below = base !== "/" && `${pathname}/`.startsWith(`${base}/`) ? pathname.slice(base.length) || "/" : pathname;
  place = { pathname: below, search, step: place.step + 1, isPush };
  return place;
}

function notify(): void {
  for (const listener of listeners) listener();
}

/** Whether a path is that of a route, and what stands at its `:names`. */

/** Return the decoded parameters; null where the path is another, or is not well encoded. */
export function matchPath(pattern: string, pathname: string): Readonly<Record<string, string>> | null {
  const [wanted, given] = [segments(pattern), segments(pathname)];
  if (wanted.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [at, segment] of wanted.entries()) {
    const value = decode(given[at] ?? "");
    if (value === null) return null;
    if (segment.startsWith(":")) parameters[segment.slice(1)] = value;
    else if (segment !== value) return null;
  }
  return parameters;
}

function segments(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** Matches a path with a route pattern and returns its parameters. */

/** Return the decoded parameters; null if the path does not match or is not encoded correctly. */
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

/** Splits a remark of a gap, so that the named entities can be links. */

export interface RemarkPart {
  readonly text: string;
  readonly entityId: string | null;
}

/** An entity id as Home Assistant writes it. A full stop is followed by a space or the end. */
const ENTITY_ID = /\b[a-z][a-z0-9_]*\.[a-z0-9_]+\b/g;

/** Return the parts in order; joined, they are the remark. */
export function splitRemark(remark: string): readonly RemarkPart[] {
  const parts: RemarkPart[] = [];
  let at = 0;
  for (const match of remark.matchAll(ENTITY_ID)) {
    if (match.index > at) parts.push({ text: remark.slice(at, match.index), entityId: null });
    parts.push({ text: match[0], entityId: match[0] });
    at = match.index + match[0].length;
  }
  if (at < remark.length) parts.push({ text: remark.slice(at), entityId: null });
  return parts;
}

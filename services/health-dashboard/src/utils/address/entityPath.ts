/** The route of an entity's page. */
export function entityPath(entityId: string, home: string | null = null): string {
  const path = `/entities/${encodeURIComponent(entityId)}`;
  return home === null ? path : `${path}?${new URLSearchParams({ home }).toString()}`;
}

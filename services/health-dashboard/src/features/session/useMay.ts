/** Whether the viewer's scope is sufficient for an action; null while unknown. */
import { useSession } from "@/api/access/session";
import type { Scope } from "@/types/api";

const ORDER: readonly Scope[] = ["metrics", "read", "operate", "admin"];

export function useMay(scope: Scope): boolean | null {
  const { data } = useSession();
  return data === undefined ? null : ORDER.indexOf(data.scope) >= ORDER.indexOf(scope);
}

/** Whether the viewer's scope allows changes; null while unknown. */
import { useSession } from "@/api/access/session";

export function useMayOperate(): boolean | null {
  const { data } = useSession();
  return data === undefined ? null : data.scope !== "read";
}

/** Whether the one who looks at the page may change something: null while that is not known. */
import { useSession } from "@/api/access/session";

export function useMayOperate(): boolean | null {
  const { data } = useSession();
  return data === undefined ? null : data.scope !== "read";
}

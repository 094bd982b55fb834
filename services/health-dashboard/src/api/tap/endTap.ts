/** `DELETE /tap/{id}`: ends the live tap before its time. */
import { sendJson } from "@/lib/http";

/** Ends a tap; throws ApiError where it has ended already. */
export function endTap(id: string): Promise<void> {
  return sendJson("DELETE", `tap/${id}`);
}

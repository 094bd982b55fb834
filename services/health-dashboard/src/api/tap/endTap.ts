/** `DELETE /tap/{id}`: end the live tap early. */
import { sendJson } from "@/lib/http";

/** End a tap; throws ApiError if it has already ended. */
export function endTap(id: string): Promise<void> {
  return sendJson("DELETE", `tap/${id}`);
}

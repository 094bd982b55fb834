/** `POST /tap`: opens the live tap for ten minutes. */
import { changeJson } from "@/lib/http";
import type { TapAnswer } from "@/types/api";
import type { EventFilters } from "@/types/eventFilters";

/** Opens a tap; throws ApiError where it is not allowed, or too many are open. */
export function openTap(filters: EventFilters): Promise<TapAnswer> {
  return changeJson("POST", "tap", filters);
}

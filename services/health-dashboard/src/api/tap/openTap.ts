/** `POST /tap`: open the live tap for ten minutes. */
import { changeJson } from "@/lib/http";
import type { TapAnswer } from "@/types/api";
import type { EventFilters } from "@/types/eventFilters";

/** Open a tap; throws ApiError if it is not allowed or too many taps are open. */
export function openTap(filters: EventFilters): Promise<TapAnswer> {
  return changeJson("POST", "tap", filters);
}

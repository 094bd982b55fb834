/** The event rates and the number of waiting events, from `/health`. */
import type { Flow } from "@/features/health/problem";
import type { HealthAnswer } from "@/types/api";

export function flowOf({ received_per_minute, stored_per_minute, waiting_events }: HealthAnswer): Flow {
  return { receivedPerMinute: received_per_minute, storedPerMinute: stored_per_minute, waiting: waiting_events };
}

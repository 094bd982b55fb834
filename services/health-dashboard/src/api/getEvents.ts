/** `GET /events`: what happened, newest first. */
import { getJson } from "@/lib/http";
import type { EventsAnswer, HomeEvent } from "@/types/api";
import { MOST_EVENTS } from "@/utils/mergeEvents";

/** The newest events. */
export async function getRecentEvents(signal?: AbortSignal): Promise<HomeEvent[]> {
  const answer = await getJson<EventsAnswer>("events", { limit: MOST_EVENTS }, signal);
  return answer.events;
}

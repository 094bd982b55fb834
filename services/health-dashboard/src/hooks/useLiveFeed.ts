/** The live feed shared by the whole application. */
import type { LiveFeed } from "@/lib/liveFeed";
import { createContext, use } from "react";

export const LiveFeedContext = createContext<LiveFeed | null>(null);

/** Return the feed provided by App. */
export function useLiveFeed(): LiveFeed {
  const feed = use(LiveFeedContext);
  if (feed === null) throw new Error("useLiveFeed needs LiveFeedContext");
  return feed;
}

/** The feed of events that the whole application shares. */
import type { LiveFeed } from "@/lib/liveFeed";
import { createContext, use } from "react";

export const LiveFeedContext = createContext<LiveFeed | null>(null);

/** The feed; App provides it. */
export function useLiveFeed(): LiveFeed {
  const feed = use(LiveFeedContext);
  if (feed === null) throw new Error("useLiveFeed needs LiveFeedContext");
  return feed;
}

/** Whether what is seen is live. */
import { Badge } from "@/components/Badge";
import type { Tone } from "@/components/tones";
import { useStore } from "@/hooks/useStore";
import type { FeedStatus, LiveFeed } from "@/lib/liveFeed";
import type { ReactNode } from "react";

const FACES: Readonly<Record<FeedStatus, { readonly tone: Tone; readonly text: string; readonly title: string }>> = {
  connecting: { tone: "neutral", text: "Connecting", title: "The event stream is being opened" },
  live: { tone: "info", text: "Live", title: "Events appear as they are stored" },
  polling: { tone: "warn", text: "Every 2 s", title: "The event stream is away: events are asked for every 2 seconds" },
  offline: { tone: "bad", text: "Offline", title: "No events can be had; it is tried again" },
};

export function StreamBadge({ feed }: { readonly feed: LiveFeed }): ReactNode {
  const status = useStore(feed.store, (state) => state.status);
  const isPaused = useStore(feed.store, (state) => state.isPaused);
  const { tone, text, title } = FACES[status];
  if (isPaused && status !== "offline") {
    return (
      <Badge tone="neutral" icon="pause" title="The list of events is held still">
        Paused
      </Badge>
    );
  }
  return (
    <Badge tone={tone} title={title} isBeating={status === "live"}>
      {text}
    </Badge>
  );
}

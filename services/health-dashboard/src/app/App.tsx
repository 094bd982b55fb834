/** The dashboard with all it needs: the cache of answers, and one feed of events for as long as it is shown. */
import { getRecentEvents } from "@/api/getEvents";
import { openStream } from "@/api/openStream";
import { Page } from "@/app/Page";
import { LiveFeed } from "@/lib/liveFeed";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";

export function App(): ReactNode {
  const [queries] = useState(newQueryClient);
  const [feed] = useState(() => new LiveFeed({ openStream, fetchRecent: () => getRecentEvents() }));
  useEffect(() => {
    feed.start();
    return () => {
      feed.stop();
    };
  }, [feed]);
  return (
    <QueryClientProvider client={queries}>
      <Page feed={feed} />
    </QueryClientProvider>
  );
}

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Everything is asked again within seconds anyway, and an error should be seen at once.
        retry: false,
        // A house without internet is no reason to stop asking a server in it.
        networkMode: "always",
      },
    },
  });
}

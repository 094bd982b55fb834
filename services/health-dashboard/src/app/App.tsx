/** The dashboard: the query cache, the live feed while the page is visible, and the sign-in form in front of it. */
import { putAlerts } from "@/api/alerts/getAlerts";
import { getRecentEvents } from "@/api/events/getEvents";
import { openStream } from "@/api/events/openStream";
import { PageFrame } from "@/app/PageFrame";
import { Pages } from "@/app/Pages";
import { useSignInLink } from "@/features/session/useSignInLink";
import { LiveFeedContext } from "@/hooks/useLiveFeed";
import { useIsPageVisible } from "@/hooks/browser/useIsPageVisible";
import { useStore } from "@/hooks/useStore";
import { access } from "@/lib/access";
import { LiveFeed } from "@/lib/liveFeed";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, useEffect, useState, type ReactNode } from "react";

const SignIn = lazy(async () => ({ default: (await import("@/features/session/SignIn")).SignIn }));

export function App(): ReactNode {
  const [queries] = useState(newQueryClient);
  const [feed] = useState(
    () =>
      new LiveFeed({
        openStream,
        fetchRecent: (filters) => getRecentEvents(filters),
        onAlerts: (alerts) => {
          putAlerts(queries, alerts);
        },
      }),
  );
  const { isPending, problem } = useSignInLink();
  const isRefused = useStore(access, (state) => state.isRefused);
  const isClosed = isRefused || isPending;
  const isVisible = useIsPageVisible();
  useEffect(() => {
    if (isClosed) queries.clear(); // cached data must not outlive the session
  }, [queries, isClosed]);
  useEffect(() => {
    if (isClosed || !isVisible) return undefined; // queries pause by themselves in a hidden tab, the feed does not
    feed.start();
    return () => {
      feed.stop();
    };
  }, [feed, isClosed, isVisible]);
  if (isPending) return null; // until the sign-in is complete, requests would have the wrong identity
  return (
    <QueryClientProvider client={queries}>
      <LiveFeedContext value={feed}>{isRefused ? <PageFrame><SignIn linkProblem={problem} /></PageFrame> : <Pages />}</LiveFeedContext>
    </QueryClientProvider>
  );
}

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Every query is refetched within seconds, and an error must be visible immediately.
        retry: false,
        // The server can be reachable on the local network while the internet is not.
        networkMode: "always",
      },
    },
  });
}

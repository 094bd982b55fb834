/** The dashboard with all it needs: the cache of answers, one feed of events while it is shown, and a door before it. */
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
    if (isClosed) queries.clear(); // what one was allowed to see goes with the right to see it
  }, [queries, isClosed]);
  useEffect(() => {
    if (isClosed || !isVisible) return undefined; // as the queries, which pause by themselves in a hidden tab
    feed.start();
    return () => {
      feed.stop();
    };
  }, [feed, isClosed, isVisible]);
  if (isPending) return null; // the page would ask as somebody else
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
        // Everything is asked again within seconds anyway, and an error should be seen at once.
        retry: false,
        // A house without internet is no reason to stop asking a server in it.
        networkMode: "always",
      },
    },
  });
}

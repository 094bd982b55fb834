/** The bar on top: which home, is it healthy, is it live, which theme. */
import { StreamBadge } from "@/app/StreamBadge";
import { ThemeControl } from "@/app/ThemeControl";
import { Badge } from "@/components/Badge";
import { Logo } from "@/components/Logo";
import type { HealthWords } from "@/features/health/describeHealth";
import { HealthBadge } from "@/features/health/HealthBadge";
import { SessionButton } from "@/features/session/SessionButton";
import { useLiveFeed } from "@/hooks/useLiveFeed";
import type { ReactNode } from "react";

interface HeaderProps {
  readonly home: string | null;
  readonly words: HealthWords;
}

export function Header({ home, words }: HeaderProps): ReactNode {
  const feed = useLiveFeed();
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex min-h-14 max-w-7xl flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5 sm:px-6">
        <Logo />
        <span className="text-base font-semibold tracking-tight whitespace-nowrap">HA Ingestor</span>
        {home !== null && <HomeLabel home={home} />}
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <HealthBadge words={words} />
          <StreamBadge feed={feed} />
          <ThemeControl />
          <SessionButton />
        </div>
      </div>
    </header>
  );
}

function HomeLabel({ home }: { readonly home: string }): ReactNode {
  if (home !== "demo") return <bdi className="max-w-48 truncate text-sm text-ink-soft">{home}</bdi>;
  return (
    <Badge tone="warn" title="A simulated house. Set HA_URL and HA_TOKEN to capture your own.">
      Demo home
    </Badge>
  );
}

/** The header: homes, health, live stream and theme. */
import { ThemeControl } from "@/app/ThemeControl";
import { NAVIGATION_ITEMS } from "@/app/navigationItems";
import { Badge } from "@/components/signs/Badge";
import { Logo } from "@/components/signs/Logo";
import { situationStore } from "@/features/health/situationStore";
import { StateBadge } from "@/features/health/StateBadge";
import { PaletteButton } from "@/features/palette/PaletteButton";
import { SessionButton } from "@/features/session/SessionButton";
import { useStore } from "@/hooks/useStore";
import { headerTexts as texts } from "@/texts/header";
import type { ReactNode } from "react";

interface HeaderProps {
  readonly home: string | null;
  readonly homes: number;
}

export function Header({ home, homes }: HeaderProps): ReactNode {
  const { health, stream } = useStore(situationStore, (state) => state.situation);
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex min-h-14 max-w-7xl flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5 sm:px-6">
        <Logo />
        <span className="text-base font-semibold tracking-tight whitespace-nowrap max-sm:sr-only">{texts.name}</span>
        {home !== null && <HomeLabel home={homes > 1 ? texts.homes(homes) : home} />}
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <PaletteButton pages={NAVIGATION_ITEMS} />
          <StateBadge words={health} testId="health-badge" />
          <StateBadge words={stream} testId="stream-badge" />
          {/* On a phone both are on the page Settings: the header has one row. */}
          <div className="flex items-center gap-2 max-sm:hidden">
            <ThemeControl />
            <SessionButton />
          </div>
        </div>
      </div>
    </header>
  );
}

function HomeLabel({ home }: { readonly home: string }): ReactNode {
  if (home !== "demo") return <bdi className="max-w-48 truncate text-sm text-ink-soft">{home}</bdi>;
  return (
    <Badge tone="warn" title={texts.demoTitle}>
      {texts.demo}
    </Badge>
  );
}

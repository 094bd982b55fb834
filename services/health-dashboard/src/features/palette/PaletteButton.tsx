/** The button that opens the palette; its code is loaded on first use. */
import { Icon } from "@/components/signs/Icon";
import type { PalettePage } from "@/features/palette/Palette";
import { usePaletteKeys } from "@/features/palette/usePaletteKeys";
import { navigate } from "@/lib/router";
import { paletteTexts as texts } from "@/texts/palette";
import { useCallback, useState, type ComponentType, type ReactNode } from "react";

type PaletteComponent = ComponentType<{ readonly pages: readonly PalettePage[]; readonly onClose: () => void }>;

export function PaletteButton({ pages }: { readonly pages: readonly PalettePage[] }): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  const [Palette, setPalette] = useState<PaletteComponent | null>(null);
  const open = useCallback(() => {
    setIsOpen(true);
    import("@/features/palette/Palette")
      .then((module) => {
        setPalette(() => module.Palette);
      })
      .catch(() => {
        setIsOpen(false);
        navigate("/entities"); // this page has a search too, and shows why loading failed
      });
  }, []);
  usePaletteKeys(open);
  return (
    <>
      <button
        type="button"
        onClick={open}
        aria-keyshortcuts="/ Control+K Meta+K"
        className="inline-flex h-8 items-center gap-2 rounded-lg border border-line-strong bg-surface px-2.5 text-xs text-ink-soft transition-colors hover:bg-raised"
      >
        <Icon name="search" className="size-4" />
        <span className="max-lg:sr-only">{texts.open}</span>
        <kbd aria-hidden="true" className="rounded border border-line px-1 font-mono text-2xs text-ink-faint max-lg:hidden">
          /
        </kbd>
      </button>
      {isOpen && Palette !== null && (
        <Palette
          pages={pages}
          onClose={() => {
            setIsOpen(false);
          }}
        />
      )}
    </>
  );
}

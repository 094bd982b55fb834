/** The details of the selected part: below the graph, or in a sheet on a phone. */
import { Button } from "@/components/controls/Button";
import { Card } from "@/components/layout/Card";
import { PartDetail } from "@/components/flow/PartDetail";
import { useMediaQuery } from "@/hooks/browser/useMediaQuery";
import { flowTexts as texts } from "@/texts/flow";
import type { TopologyAnswer } from "@/types/flow";
import type { Stale } from "@/utils/time/staleBecause";
import { lazy, Suspense, useEffect, useRef, type ReactNode } from "react";

// With its dialog it is a fifth of the page, and only phones need it.
const PartSheet = lazy(async () => ({ default: (await import("@/components/flow/PartSheet")).PartSheet }));

interface SelectedPartProps {
  readonly topology: TopologyAnswer;
  readonly staleBecause: Stale | undefined;
  readonly selected: string | null;
  readonly onSelect: (part: string | null) => void;
}

export function SelectedPart({ topology, staleBecause, selected, onSelect }: SelectedPartProps): ReactNode {
  const isPhone = useMediaQuery("(max-width: 47.99rem)");
  const panel = useScrolledTo(selected);
  const part = topology.nodes.find(({ id }) => id === selected);
  const close = () => {
    onSelect(null);
  };
  if (!part) {
    return <p className="px-1 text-center text-sm text-ink-faint">{selected === null ? texts.choose : texts.gone}</p>;
  }
  const detail = <PartDetail topology={topology} part={part} />;
  if (isPhone) {
    return (
      <Suspense fallback={null}>
        <PartSheet title={part.label} onClose={close}>
          {detail}
        </PartSheet>
      </Suspense>
    );
  }
  return (
    <div ref={panel} className="scroll-m-4">
      <Card
        title={part.label}
        staleBecause={staleBecause}
        aside={
          <Button icon="cross" onClick={close}>
            {texts.close}
          </Button>
        }
      >
        <div className="p-5">
          <p role="status" className="sr-only">
            {texts.shown(part.label)}
          </p>
          {detail}
        </div>
      </Card>
    </div>
  );
}

/** Return a ref for an element that is scrolled into view when `key` changes, except when the page is opened. */
function useScrolledTo(key: string | null): { readonly current: HTMLDivElement | null } {
  const element = useRef<HTMLDivElement>(null);
  const shown = useRef(key);
  const isReduced = useMediaQuery("(prefers-reduced-motion: reduce)");
  useEffect(() => {
    if (shown.current === key) return;
    shown.current = key;
    element.current?.scrollIntoView({ block: "nearest", behavior: isReduced ? "auto" : "smooth" });
  }, [key, isReduced]);
  return element;
}

/** The details of the selected part: below the graph, or on a phone in a sheet over it. */
import { Button } from "@/components/Button";
import { Card } from "@/components/Card";
import { PartDetail } from "@/components/flow/PartDetail";
import { useMediaQuery } from "@/hooks/useMediaQuery";
import { flowTexts as texts } from "@/texts/flow";
import type { TopologyAnswer } from "@/types/flow";
import { lazy, Suspense, type ReactNode } from "react";

// With its dialog it is a fifth of the page, and only phones need it.
const PartSheet = lazy(async () => ({ default: (await import("@/components/flow/PartSheet")).PartSheet }));

interface SelectedPartProps {
  readonly topology: TopologyAnswer;
  readonly selected: string | null;
  readonly onSelect: (part: string | null) => void;
}

export function SelectedPart({ topology, selected, onSelect }: SelectedPartProps): ReactNode {
  const isPhone = useMediaQuery("(max-width: 47.99rem)");
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
    <Card
      title={part.label}
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
  );
}

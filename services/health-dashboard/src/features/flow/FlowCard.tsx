/** The data flow as a graph or a table, with the details of the selected part, and the age of stale data. */
import { AnimatedDependencyGraph } from "@/components/AnimatedDependencyGraph";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { FlowTable } from "@/components/flow/FlowTable";
import { SegmentedControl } from "@/components/controls/SegmentedControl";
import { Skeleton } from "@/components/layout/Skeleton";
import { SelectedPart } from "@/features/flow/SelectedPart";
import { useFlowView } from "@/features/flow/useFlowView";
import { useStore } from "@/hooks/useStore";
import { freshness } from "@/lib/freshness";
import { flowTexts as texts } from "@/texts/flow";
import type { TopologyAnswer } from "@/types/flow";
import type { Loadable } from "@/types/loadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

interface FlowCardProps {
  readonly topology: Loadable<TopologyAnswer>;
  /** Whether the rate into the store is of the last minute. */
  readonly isLive: boolean;
}

export function FlowCard({ topology, isLive }: FlowCardProps): ReactNode {
  const { view, selected, setView, select } = useFlowView();
  const stale = staleBecause(topology);
  const isStale = useStore(freshness, ({ asOfMs }) => asOfMs !== null) || stale !== undefined;
  return (
    <>
      <Card
        title={texts.cardTitle}
        staleBecause={stale}
        aside={<SegmentedControl label={texts.view} value={view} onChange={setView} options={VIEW_OPTIONS} />}
      >
        <div className="min-h-80 p-4 sm:p-6">
          <Faces
            source={topology}
            loading={<Skeleton className="h-72 w-full" />}
            isEmpty={({ nodes }) => nodes.length === 0}
            empty={{ title: texts.emptyTitle, text: texts.emptyText }}
          >
            {(data) => (
              <>
                {view === "table" ? (
                  <FlowTable topology={data} onSelect={select} />
                ) : (
                  <>
                    <AnimatedDependencyGraph topology={data} isStale={isStale} selected={selected} onSelect={select} />
                    <div className="sr-only">
                      <FlowTable topology={data} />
                    </div>
                  </>
                )}
                <p className="mt-3 text-xs text-ink-faint">
                  {isLive ? texts.liveRates(periodOf(data)) : texts.rates(periodOf(data))} {view === "graph" && texts.dots}
                </p>
              </>
            )}
          </Faces>
        </div>
      </Card>
      {topology.data && <SelectedPart topology={topology.data} staleBecause={stale} selected={selected} onSelect={select} />}
    </>
  );
}

function periodOf({ period }: TopologyAnswer): string {
  return texts.period[period] ?? period;
}

const VIEW_OPTIONS = [
  { value: "graph", label: texts.asGraph, face: texts.asGraph },
  { value: "table", label: texts.asTable, face: texts.asTable },
] as const;

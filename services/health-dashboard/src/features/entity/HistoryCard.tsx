/** The history of an entity: numbers as a chart, states as a timeline. */
import { useEntityHistory } from "@/api/entities/getEntityHistory";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Notice } from "@/components/signs/Notice";
import { Skeleton } from "@/components/layout/Skeleton";
import { TimeSeriesChart } from "@/components/TimeSeriesChart";
import { hasOtherUnits, toHistoryChart } from "@/features/entity/historyChart";
import { stateSpans } from "@/features/entity/stateSpans";
import { StateTimeline } from "@/features/entity/StateTimeline";
import { serverClock } from "@/lib/serverClock";
import { entityTexts as texts } from "@/texts/entities";
import type { EntityAnswer, HistoryAnswer, HistoryPoint, HistoryWindow } from "@/types/api";
import type { TimeChoice } from "@/types/period";
import { asLoadable } from "@/utils/asLoadable";
import { historyRange } from "@/utils/time/historyRange";
import { staleBecause } from "@/utils/time/staleBecause";
import { isNumber } from "@/utils/format/stateText";
import { timeWords } from "@/utils/time/timeChoice";
import { useMemo, type ReactNode } from "react";

interface HistoryCardProps {
  readonly entity: EntityAnswer;
  readonly time: TimeChoice;
}

export function HistoryCard({ entity, time }: HistoryCardProps): ReactNode {
  const isNumeric = entity.unit !== null || isNumber(entity.state);
  const { entity_id: entityId, home } = entity;
  const history = asLoadable(useEntityHistory({ entityId, home, time, isNumeric }));
  return (
    <Card title={texts.history} note={timeWords(time)} staleBecause={staleBecause(history)}>
      <div className="min-h-[300px] py-2">
        <Faces
          source={history}
          loading={<Skeleton className="mx-5 my-3 h-[260px]" />}
          isEmpty={({ points }) => points.length === 0}
          empty={texts.noHistory}
        >
          {(data) => <History key={entityId} label={entity.friendly_name ?? entityId} data={data} time={time} />}
        </Faces>
      </div>
    </Card>
  );
}

interface HistoryProps {
  readonly label: string;
  readonly data: HistoryAnswer;
  readonly time: TimeChoice;
}

function History({ label, data, time }: HistoryProps): ReactNode {
  const { start, end, windowMs } = useMemo(() => ({ ...historyRange(time, serverClock.now()), data }), [time, data]);
  const range = { startMs: Date.parse(start), endMs: end === undefined ? serverClock.now() : Math.min(Date.parse(end), serverClock.now()) };
  const { points, unit } = data;
  const isPart = data.next_cursor !== null && <div className="px-5 pb-2"><Notice tone="info">{texts.numbersMore}</Notice></div>;
  if (isWindows(points)) {
    return (
      <>
        {isPart}
        {hasOtherUnits(points, unit) && <div className="px-5 pb-2"><Notice tone="info">{texts.otherUnits}</Notice></div>}
        <Numbers label={label} points={points} unit={unit} windowMs={windowMs} {...range} />
      </>
    );
  }
  return (
    <>
      {isPart}
      <StateTimeline spans={stateSpans(points, range.endMs)} {...range} />
    </>
  );
}

interface NumbersProps {
  readonly label: string;
  readonly points: readonly HistoryWindow[];
  readonly unit: string | null;
  readonly windowMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

function Numbers({ label, points, unit, windowMs, startMs, endMs }: NumbersProps): ReactNode {
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the ends move with the time, and the chart with its data
  const chart = useMemo(() => toHistoryChart({ label, windows: points, unit, windowMs, startMs, endMs }), [label, points, unit, windowMs]);
  return <TimeSeriesChart chart={chart} />;
}

function isWindows(points: HistoryPoint[] | HistoryWindow[]): points is HistoryWindow[] {
  const [first] = points;
  return first !== undefined && "mean" in first;
}

/** The rejected events that match the filters, page by page. The one with open details is in the address. */
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Pager } from "@/components/controls/Pager";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { RejectedRow } from "@/features/records/rejected/RejectedRow";
import { useNow } from "@/hooks/useNow";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { rejectedTexts as texts } from "@/texts/records";
import type { RejectedAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

interface RejectedCardProps {
  readonly rejected: Loadable<RejectedAnswer>;
  readonly hasSeveralHomes: boolean;
  readonly mayReplay: boolean;
  readonly isFiltered: boolean;
  readonly filters: ReactNode;
}

export function RejectedCard({ rejected, hasSeveralHomes, mayReplay, isFiltered, filters }: RejectedCardProps): ReactNode {
  const [search, setSearch] = useSearchParams();
  const nowMs = useNow();
  const open = search.get("event");
  const toggle = (id: string) => {
    setSearch(
      (current) => {
        const next = new URLSearchParams(current);
        if (open === id) next.delete("event");
        else next.set("event", id);
        return next;
      },
      { replace: true },
    );
  };
  return (
    <Card title={texts.title} note={texts.note} staleBecause={staleBecause(rejected)}>
      {filters}
      <Faces
        source={rejected}
        loading={<SkeletonRows rows={6} />}
        isEmpty={(data) => data.events.length === 0}
        empty={{ title: texts.emptyTitle, text: isFiltered ? texts.emptyText : texts.emptyAnyText }}
      >
        {(data) => (
          <>
            <ul aria-label={texts.title} className="divide-y divide-line">
              {data.events.map((event) => (
                <RejectedRow
                  key={event.id}
                  event={event}
                  nowMs={nowMs}
                  isOpen={open === event.id}
                  hasSeveralHomes={hasSeveralHomes}
                  mayReplay={mayReplay}
                  onToggle={() => {
                    toggle(event.id);
                  }}
                />
              ))}
            </ul>
            <Pager nextCursor={data.next_cursor} />
          </>
        )}
      </Faces>
    </Card>
  );
}

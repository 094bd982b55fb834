/** The effective filters, read-only. */
import { isEmpty, LISTS, SIDES } from "@/features/records/filters/filterDraft";
import { filterTexts as texts } from "@/texts/records";
import type { FiltersAnswer } from "@/types/api";
import type { ReactNode } from "react";

export function FiltersInForce({ filters }: { readonly filters: FiltersAnswer }): ReactNode {
  if (isEmpty(filters)) return <p className="text-sm">{texts.none}</p>;
  return (
    <dl className="grid gap-4 md:grid-cols-2">
      {SIDES.flatMap((side) =>
        LISTS.filter((list) => filters[side][list].length > 0).map((list) => (
          <div key={`${side}.${list}`} className="space-y-1">
            <dt className="text-xs font-medium text-ink-faint">
              {texts[side]}: {texts.lists[list]}
            </dt>
            {filters[side][list].map((entry) => (
              <dd key={entry} className="mr-1.5 inline-block rounded-md bg-raised px-2 py-0.5 font-mono text-xs [overflow-wrap:anywhere]">
                {entry}
              </dd>
            ))}
          </div>
        )),
      )}
    </dl>
  );
}

/** Filters: the effective ones, and the editor with preview for those with the scope. */
import { useFilters } from "@/api/filters/getFilters";
import { Badge } from "@/components/signs/Badge";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Notice } from "@/components/signs/Notice";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { FiltersEditor } from "@/features/records/filters/FiltersEditor";
import { FiltersInForce } from "@/features/records/filters/FiltersInForce";
import { ScopeNote } from "@/features/session/ScopeNote";
import { useMay } from "@/features/session/useMay";
import { filterTexts as texts } from "@/texts/records";
import { asLoadable } from "@/utils/asLoadable";
import { staleBecause } from "@/utils/time/staleBecause";
import { useState, type ReactNode } from "react";

export function FiltersView(): ReactNode {
  const filters = asLoadable(useFilters());
  const mayOperate = useMay("operate");
  const [isSaved, setIsSaved] = useState(false);
  return (
    <Card
      title={texts.title}
      aside={filters.data && <Badge tone="neutral">{`${texts.inForce}: ${texts.sources[filters.data.source]}`}</Badge>}
      staleBecause={staleBecause(filters)}
    >
      <div className="space-y-4 px-5 py-4">
        <p className="max-w-prose text-sm text-ink-soft">{texts.text}</p>
        <div role="status">
          {isSaved && (
            <Notice tone="good" icon="check">
              {texts.saved}
            </Notice>
          )}
        </div>
        <Faces source={filters} loading={<SkeletonRows rows={6} />} isEmpty={() => false} empty={{ title: texts.none, text: "" }}>
          {(inForce) => {
            const isFixed = inForce.source === "environment";
            if (mayOperate !== true || isFixed) {
              return (
                <>
                  <FiltersInForce filters={inForce} />
                  {isFixed && (
                    <Notice tone="neutral" icon="lock">
                      {texts.fixed(inForce.variables.join(", "))}
                    </Notice>
                  )}
                  {!isFixed && mayOperate === false && <ScopeNote scope="operate" what={texts.what} />}
                </>
              );
            }
            return (
              <FiltersEditor
                key={JSON.stringify([inForce.include, inForce.exclude])}
                inForce={inForce}
                onSaved={() => {
                  setIsSaved(true);
                }}
              />
            );
          }}
        </Faces>
      </div>
    </Card>
  );
}

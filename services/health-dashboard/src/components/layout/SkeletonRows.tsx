/** A placeholder for a list while loading. */
import { Skeleton } from "@/components/layout/Skeleton";
import type { ReactNode } from "react";

export function SkeletonRows({ rows }: { readonly rows: number }): ReactNode {
  return (
    <div className="space-y-3 px-5 py-4">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} className="h-5" />
      ))}
    </div>
  );
}

/** The place of something that is not there yet, as large as it will be. */
import type { ReactNode } from "react";

export function Skeleton({ className = "" }: { readonly className?: string }): ReactNode {
  return <div aria-hidden="true" className={`animate-breathe rounded-md bg-raised ${className}`} />;
}

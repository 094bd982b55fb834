/** A placeholder while loading, of the size of the content. */
import type { ReactNode } from "react";

export function Skeleton({ className = "" }: { readonly className?: string }): ReactNode {
  return <div aria-hidden="true" className={`animate-breathe rounded-md bg-raised ${className}`} />;
}

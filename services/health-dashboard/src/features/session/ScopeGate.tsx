/** Shows its content to viewers whose scope is enough, and tells the others which scope is needed. */
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { ScopeNote } from "@/features/session/ScopeNote";
import { useMay } from "@/features/session/useMay";
import type { Scope } from "@/types/api";
import type { ReactNode } from "react";

interface ScopeGateProps {
  readonly scope: Scope;
  /** What needs it, as the beginning of a sentence. */
  readonly what: string;
  /** Not drawn without the scope: what it would ask for would be refused. */
  readonly children: ReactNode;
}

export function ScopeGate({ scope, what, children }: ScopeGateProps): ReactNode {
  const may = useMay(scope);
  if (may === null) return <SkeletonRows rows={4} />;
  return may ? children : <ScopeNote scope={scope} what={what} />;
}

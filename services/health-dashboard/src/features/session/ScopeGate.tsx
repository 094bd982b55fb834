/** Shows its content if the viewer's scope is sufficient, otherwise a note that names the required scope. */
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { ScopeNote } from "@/features/session/ScopeNote";
import { useMay } from "@/features/session/useMay";
import type { Scope } from "@/types/api";
import type { ReactNode } from "react";

interface ScopeGateProps {
  readonly scope: Scope;
  /** Subject of the note, as the beginning of a sentence. */
  readonly what: string;
  /** Not rendered without the scope, because its requests would be refused. */
  readonly children: ReactNode;
}

export function ScopeGate({ scope, what, children }: ScopeGateProps): ReactNode {
  const may = useMay(scope);
  if (may === null) return <SkeletonRows rows={4} />;
  return may ? children : <ScopeNote scope={scope} what={what} />;
}

/** An entity: its name as a link to its page, with its id below. */
import { Link } from "@/components/links/Link";
import { useHasSeveralHomes } from "@/hooks/useHasSeveralHomes";
import { entityPath } from "@/utils/address/entityPath";
import type { ReactNode } from "react";

interface EntityLinkProps {
  readonly entityId: string;
  /** The friendly name; default: the id. */
  readonly name?: string | null | undefined;
  readonly home?: string | null | undefined;
  /** Shown below the name instead of the id. */
  readonly note?: ReactNode;
  readonly className?: string;
}

export function EntityLink({ entityId, name, home, note, className = "" }: EntityLinkProps): ReactNode {
  const hasSeveralHomes = useHasSeveralHomes();
  const shownHome = hasSeveralHomes ? (home ?? null) : null;
  const isNamed = Boolean(name) && name !== entityId;
  const beneath = note ?? [isNamed ? entityId : null, shownHome].filter(Boolean).join(" · ");
  return (
    <span className={`block min-w-0 ${className}`}>
      <Link
        to={entityPath(entityId, shownHome)}
        title={isNamed ? `${name ?? ""} (${entityId})` : entityId}
        className="block truncate underline-offset-2 hover:underline"
      >
        <bdi>{isNamed ? name : entityId}</bdi>
      </Link>
      {beneath !== "" && <bdi className="block truncate text-xs font-normal text-ink-faint">{beneath}</bdi>}
    </span>
  );
}

/** A list of names and values, one per line. */
import { Fragment, type ReactNode } from "react";

interface FactListProps {
  readonly facts: readonly { readonly name: string; readonly value: ReactNode }[];
}

export function FactList({ facts }: FactListProps): ReactNode {
  return (
    <dl className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-[max-content_1fr] sm:gap-y-2.5">
      {facts.map(({ name, value }) => (
        <Fragment key={name}>
          <dt className="text-ink-faint">{name}</dt>
          <dd className="[overflow-wrap:anywhere] max-sm:mb-2">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

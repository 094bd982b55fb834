/** The outcomes of all received events: a stacked bar and a list with links. */
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Icon } from "@/components/signs/Icon";
import { Link } from "@/components/links/Link";
import { Skeleton } from "@/components/layout/Skeleton";
import { toBalance, type Balance, type Part, type PartName } from "@/features/accounting/balance";
import { accountingTexts as texts } from "@/texts/overview";
import type { AccountingAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import type { TimeChoice } from "@/types/period";
import { formatCount, formatPercent } from "@/utils/format/formatNumber";
import { staleBecause } from "@/utils/time/staleBecause";
import { timeWords } from "@/utils/time/timeChoice";
import type { ReactNode } from "react";

interface AccountingCardProps {
  readonly period: TimeChoice;
  readonly accounting: Loadable<AccountingAnswer>;
}

export function AccountingCard({ period, accounting }: AccountingCardProps): ReactNode {
  return (
    <Card title={texts.title} note={texts.note(timeWords(period))} staleBecause={staleBecause(accounting)}>
      <div className="min-h-44">
        <Faces
          source={accounting}
          loading={<Skeleton className="mx-5 my-4 h-36" />}
          isEmpty={(data) => toBalance(data) === null}
          empty={texts.empty}
        >
          {(data) => <Shown balance={toBalance(data)} />}
        </Faces>
      </div>
    </Card>
  );
}

function Shown({ balance }: { readonly balance: Balance | null }): ReactNode {
  if (balance === null) return null;
  const { received, fromQueue, difference, others, parts } = balance;
  return (
    <div className="space-y-4 px-5 py-4">
      <p className="text-sm">
        <span className="font-medium">{texts.received(received)}</span>
        {fromQueue > 0 && texts.fromQueue(fromQueue)}. <Verdict difference={difference} />
      </p>
      {others.map((other) => (
        <p key={other.service} className="text-sm">
          {texts.other(other.service, "")} <Verdict difference={other.difference} />
        </p>
      ))}
      <div aria-hidden="true" className="flex h-4 gap-px overflow-hidden rounded-md bg-raised">
        {parts.map(({ name, count }) => count > 0 && <div key={name} className={`min-w-1 ${COLOURS[name]}`} style={{ flexGrow: count, flexBasis: 0 }} />)}
      </div>
      <ul aria-label={texts.bar} className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 lg:grid-cols-4 xl:grid-cols-7">
        {parts.map((part) => (
          <PartItem key={part.name} part={part} />
        ))}
      </ul>
    </div>
  );
}

function Verdict({ difference }: { readonly difference: number }): ReactNode {
  if (difference === 0) return <span className="text-ink-soft">{texts.addsUp}</span>;
  return (
    <span className="inline-flex items-center gap-1.5 text-warn">
      <Icon name="alert" className="size-3.5" />
      {difference > 0 ? texts.missing(difference) : texts.surplus(-difference)}
    </span>
  );
}

function PartItem({ part: { name, count, share } }: { readonly part: Part }): ReactNode {
  const [label, meaning] = texts.parts[name];
  const to = PLACES[name];
  return (
    <li className="text-xs" title={meaning}>
      <span className="flex items-center gap-1.5 text-ink-soft">
        <span aria-hidden="true" className={`size-2 shrink-0 rounded-sm ${COLOURS[name]}`} />
        {to === null ? label : (
          <Link to={to} className="underline decoration-line-strong underline-offset-2 hover:decoration-current">
            {label}
          </Link>
        )}
      </span>
      <span className={`block text-base font-semibold ${count === 0 ? "text-ink-faint" : ""}`}>{formatCount(count)}</span>
      <span className="text-ink-faint">{count === 0 ? meaning : `${formatPercent(share)}, ${meaning}`}</span>
    </li>
  );
}

const COLOURS: Readonly<Record<PartName, string>> = {
  written: "bg-good",
  queued: "bg-accent",
  duplicate: "bg-line-strong",
  filtered: "bg-ink-faint",
  rejected: "bg-bad",
  expired: "bg-warn",
  failed: "bg-ink",
};

/** Links to the events of each outcome; a duplicate is an event that is already stored. */
const PLACES: Readonly<Record<PartName, string | null>> = {
  written: "/events",
  queued: "/flow",
  duplicate: null,
  filtered: "/records",
  rejected: "/records",
  expired: "/records",
  failed: "/services",
};

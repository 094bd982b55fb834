/** The change of an event from one state to another; for other events one word. */
import { Icon } from "@/components/signs/Icon";
import type { EventWords } from "@/utils/format/describeEvent";
import type { ReactNode } from "react";

export function EventChange({ words: { from, to, unit, isPlain } }: { readonly words: EventWords }): ReactNode {
  if (isPlain) return <span className="text-ink-faint">{to}</span>;
  return (
    <span className="flex items-baseline gap-1.5">
      {from !== null && (
        <>
          <bdi className="max-w-56 truncate text-ink-faint" title={from}>
            {from}
          </bdi>
          <span className="sr-only">to</span>
          <Icon name="arrow" className="size-3 self-center text-ink-faint" />
        </>
      )}
      <bdi className="max-w-80 truncate font-medium" title={to}>
        {to}
      </bdi>
      {unit !== "" && <span className="text-ink-soft">{unit}</span>}
    </span>
  );
}

/** The legend of the line colours. */
import { CONNECTION_COLOUR } from "@/components/flow/flowColours";
import { flowTexts } from "@/texts/flow";
import type { ConnectionType } from "@/types/flow";
import type { ReactNode } from "react";

const ALWAYS: readonly ConnectionType[] = ["storage", "query", "websocket", "api"];

export function FlowLegend({ hasFallback }: { readonly hasFallback: boolean }): ReactNode {
  const types = hasFallback ? [...ALWAYS, "fallback" as const] : ALWAYS;
  return (
    <ul aria-label={flowTexts.legend} className="flex flex-wrap items-center gap-x-4 gap-y-1.5 text-xs text-ink-soft">
      {types.map((type) => (
        <li key={type} className="flex items-center gap-2">
          <span
            aria-hidden="true"
            className={`w-7 border-t-[3px] ${type === "fallback" ? "border-dashed" : "rounded-full"} border-current ${CONNECTION_COLOUR[type]}`}
          />
          <span>{flowTexts.connectionType[type]}</span>
        </li>
      ))}
    </ul>
  );
}

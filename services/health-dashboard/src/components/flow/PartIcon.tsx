/** The icons of the parts, in the style of Icon.tsx; separate, because only the graph needs them. */
import type { FlowNode } from "@/types/flow";
import type { ReactNode } from "react";

const HOME = "M2.500 7.500 8 3l5.500 4.500M4 6.500V13h8V6.500M6.700 13V9.500h2.600V13";
const PATHS: Readonly<Record<string, string>> = {
  weather: "M4.700 12.500a2.700 2.700 0 0 1-.2-5.400 3.600 3.600 0 0 1 7-.3 2.900 2.900 0 0 1 0 5.700z",
  "websocket-ingestion": "M8 2.500v6.500M5.200 6.500 8 9.300l2.800-2.800M2.500 9.500v3a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-3",
  "enrichment-pipeline": "M8 2 14 5 8 8 2 5zM2 8l6 3 6-3M2 11l6 3 6-3",
  store: "M2.800 4c0-1.100 2.300-2 5.200-2s5.200.9 5.200 2-2.300 2-5.200 2-5.200-.9-5.200-2zM2.800 4v8c0 1.100 2.300 2 5.200 2s5.200-.9 5.200-2V4M2.800 8c0 1.100 2.300 2 5.200 2s5.200-.9 5.200-2",
  "admin-api": "M6 2.500H5a1.500 1.500 0 0 0-1.500 1.500v2.300L2 8l1.500 1.700V12A1.500 1.500 0 0 0 5 13.500h1M10 2.500h1A1.500 1.500 0 0 1 12.500 4v2.300L14 8l-1.500 1.700V12a1.500 1.500 0 0 1-1.500 1.500h-1",
  client: "M2 3h12v8H2zM5.500 13.800h5M8 11v2.800M4.800 8.500l2-2 1.700 1.500 2.700-2.800",
  service: "M3 3h10v10H3zM3 8h10",
};

interface PartIconProps {
  readonly part: Pick<FlowNode, "id" | "kind">;
  readonly className?: string;
}

export function PartIcon({ part: { id, kind }, className = "size-4" }: PartIconProps): ReactNode {
  return (
    <svg
      viewBox="0 0 16 16"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[id] ?? PATHS[kind] ?? HOME} />
    </svg>
  );
}

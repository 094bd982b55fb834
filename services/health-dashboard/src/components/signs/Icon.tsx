/** Line icons of one weight on a 16-unit grid. Always used beside a label, so hidden from screen readers. */
import type { ReactNode } from "react";

const PATHS = {
  check: "M3.5 8.5 6.5 11.5 12.5 4.5",
  alert: "M8 2.2 14.5 13.500h-13zM8 6.500v3M8 11.700v.1",
  cross: "M4 4l8 8M12 4l-8 8",
  pause: "M5.5 3.500v9M10.5 3.500v9",
  play: "M5 3.200v9.600l7.5-4.800z",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.500M8 13.500V15M1 8h1.500M13.5 8H15M3 3l1.1 1.100M11.9 11.9 13 13M3 13l1.1-1.100M11.9 4.1 13 3",
  moon: "M13.5 9.600A5.8 5.8 0 0 1 6.4 2.500a5.8 5.8 0 1 0 7.1 7.100z",
  screen: "M2 3h12v8H2zM5.5 13.800h5M8 11v2.8",
  chevron: "M4 6l4 4 4-4",
  arrow: "M2.5 8h10M9 4.5 12.5 8 9 11.5",
  home: "M2.5 7.500 8 3l5.500 4.500M4 6.800V13h8V6.800M6.8 13V9.500h2.400V13",
  list: "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1",
  tag: "M2.5 2.500h5l6 6-5 5-6-6zM5.3 5.300h.1",
  flow: "M2 5.500h4v5H2zM10 2h4v4h-4zM10 10h4v4h-4zM6 8h2M10 4H8v8h2",
  pulse: "M1.5 8.500h3L6.500 3.500l3 9 2-5.500h3",
  gap: "M2 8h3.500M10.500 8H14M6.5 5v6M9.5 5v6",
  sliders: "M2 5h6M12 5h2M10 3v4M2 11h2M8 11h6M6 9v4",
  more: "M3.5 8h.1M8 8h.1M12.5 8h.1",
  search: "M7 2.500a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.300 13.5 13.500",
  copy: "M5.5 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
  lock: "M3.5 7.500h9v6h-9zM5.5 7.500V5a2.5 2.500 0 0 1 5 0v2.500",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.800V8l2.2 1.6",
} as const;

export type IconName = keyof typeof PATHS;

interface IconProps {
  readonly name: IconName;
  readonly className?: string;
}

export function Icon({ name, className = "size-4" }: IconProps): ReactNode {
  return (
    <svg
      viewBox="0 0 16 16"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

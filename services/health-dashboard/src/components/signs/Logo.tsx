/** The logo: a house with a pulse. */
import type { ReactNode } from "react";

export function Logo(): ReactNode {
  return (
    <svg viewBox="0 0 32 32" className="size-8 shrink-0" fill="none" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0a6c9c" />
      <path d="M7 15.5 16 8l9 7.5M10 14.5V24h12v-9.5" stroke="#fff" strokeWidth="2.2" />
      <path d="M12.5 19.5h2l1.5-3 1.5 5 1.2-2h1" stroke="#8fe0ff" strokeWidth="1.6" />
    </svg>
  );
}

/** Renders a part of the page at an address, with its own query client. */
import { currentPlace, navigate } from "@/lib/router";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactElement } from "react";

interface Rendered {
  readonly container: HTMLElement;
  /** The current address. */
  readonly address: () => string;
}

export function renderAt(address: string, element: ReactElement): Rendered {
  navigate(address, { replace: true });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const { container } = render(<QueryClientProvider client={queries}>{element}</QueryClientProvider>);
  return { container, address: () => currentPlace().pathname + currentPlace().search };
}

/** Shows a part of the page at an address, with a router and a query client of its own. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactElement, ReactNode } from "react";
import { MemoryRouter, useLocation } from "react-router";

interface Rendered {
  readonly container: HTMLElement;
  /** Where the page is now. */
  readonly address: () => string;
}

export function renderAt(address: string, element: ReactElement): Rendered {
  let now = address;
  const Where = (): ReactNode => {
    const { pathname, search } = useLocation();
    now = pathname + search;
    return null;
  };
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const { container } = render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={[address]}>
        {element}
        <Where />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return { container, address: () => now };
}

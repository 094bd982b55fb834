/** A link to a page of the application. Opening it in a new tab or window works as for any link. */
import { useLocation } from "@/hooks/address/useLocation";
import { hrefOf, navigate } from "@/lib/router";
import type { ComponentProps, MouseEvent, ReactNode } from "react";

interface LinkProps extends Omit<ComponentProps<"a">, "href"> {
  /** Relative to the base path: `/flow?period=7d`; `?period=7d` is the current page with other parameters. */
  readonly to: string;
  readonly replace?: boolean;
}

export function Link({ to, replace = false, onClick, ...attributes }: LinkProps): ReactNode {
  useLocation(); // the target of `?…` depends on the current page
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!isPlain || event.defaultPrevented || (attributes.target ?? "_self") !== "_self") return;
    event.preventDefault();
    navigate(to, { replace });
  };
  return <a {...attributes} href={hrefOf(to)} onClick={follow} />;
}

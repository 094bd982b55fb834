/** Keeps the focus when a focused element is removed: it moves to the container, not to the top of the page. */
import { useLayoutEffect, useRef, type RefObject } from "react";

const HOLDERS = "li, tr, dialog, section, main";

export function useFocusKept<T extends HTMLElement>(): RefObject<T | null> {
  const ref = useRef<T>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    return () => {
      if (element === null || document.activeElement !== element) return;
      const holder = element.parentElement?.closest<HTMLElement>(HOLDERS);
      holder?.setAttribute("tabindex", "-1"); // focusable by script, but not by the Tab key
      holder?.focus({ preventScroll: true });
    };
  }, []);
  return ref;
}

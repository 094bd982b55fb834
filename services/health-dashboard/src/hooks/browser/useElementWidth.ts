/** How wide an element is, as it changes. */
import { useCallback, useState } from "react";

/** A ref for the element, and its width in CSS pixels; 0 until it is known. */
export function useElementWidth(): [(element: HTMLElement | null) => (() => void) | undefined, number] {
  const [width, setWidth] = useState(0);
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return undefined;
    const measure = () => {
      setWidth(Math.floor(element.getBoundingClientRect().width));
    };
    measure(); // the observer reports a frame later
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return [ref, width];
}

/** The width of an element, rerendering on changes. */
import { useCallback, useState } from "react";

/** Return a ref for the element, and its width in CSS pixels; 0 until it is measured. */
export function useElementWidth(): [(element: HTMLElement | null) => (() => void) | undefined, number] {
  const [width, setWidth] = useState(0);
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return undefined;
    const measure = () => {
      setWidth(Math.floor(element.getBoundingClientRect().width));
    };
    measure(); // the observer reports one frame later
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return [ref, width];
}

/** Reads the theme's colours as values, because a canvas cannot use CSS variables. */
import type { ChartColours } from "@/components/chart/chartOptions";

/** Return the values of the colour variables at an element. */
export function readColours(element: HTMLElement): ChartColours {
  const probe = document.createElement("span");
  element.append(probe);
  const read = (token: string) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    lines: { accent: read("accent"), good: read("good"), warn: read("warn"), bad: read("bad"), soft: read("ink-faint") },
    fills: { accent: read("accent-soft"), good: read("good-soft"), warn: read("warn-soft"), bad: read("bad-soft"), soft: read("raised") },
    grid: read("line"),
    text: read("ink-faint"),
  };
  probe.remove();
  return colours;
}

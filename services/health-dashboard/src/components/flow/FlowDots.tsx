/**
 * Dots that move along a line. Each is an element whose transform is animated by the browser's compositor: no JavaScript, layout or painting for each frame,
 * unlike offset-path or animateMotion.
 */
import type { Point } from "@/utils/flow/geometry";
import { phaseMs, travelFrames, type Motion } from "@/utils/flow/motion";
import { useEffect, useRef, type ReactNode } from "react";

interface FlowDotsProps {
  readonly line: readonly Point[];
  readonly motion: Motion;
  readonly className: string;
}

export function FlowDots({ line, motion, className }: FlowDotsProps): ReactNode {
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const frames = travelFrames(line, motion).map(({ x, y, offset }) => ({ transform: `translate(${x}px, ${y}px)`, offset, easing: "steps(1)" }));
    const turnMs = motion.dots * motion.intervalMs;
    const running = [...(group.current?.children ?? [])].map((dot, at) => {
      const animation = dot.animate(frames, { duration: turnMs, iterations: Infinity });
      // Based on the page's start time, so that a dot does not jump back when the graph is redrawn.
      animation.startTime = at * motion.intervalMs - turnMs - phaseMs(line, motion);
      return animation;
    });
    return () => {
      for (const animation of running) animation.cancel();
    };
  }, [line, motion]);
  return (
    <div ref={group} aria-hidden="true" data-dots={motion.dots}>
      {Array.from({ length: motion.dots }, (_, at) => (
        <span key={at} className={`absolute -top-1 -left-1 size-2 rounded-full bg-current shadow-[0_0_0_3px_color-mix(in_srgb,currentColor_22%,transparent)] ${className}`} />
      ))}
    </div>
  );
}

/** The keys that open the palette: `/`, and Ctrl-K or Cmd-K from anywhere. */
import { isTyping } from "@/features/palette/isTyping";
import { useEffect } from "react";

export function usePaletteKeys(open: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isCommand = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
      const isCovered = document.querySelector("dialog[open], [role=dialog]") !== null;
      if (event.defaultPrevented || isCovered || !(isCommand || isSlash)) return;
      event.preventDefault(); // Ctrl-K is the browser's own search, and the slash would be typed
      open();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
    };
  }, [open]);
}

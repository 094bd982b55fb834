/** The shortcuts of the palette: `/`, Ctrl-K and Cmd-K. */
import { isTyping } from "@/features/palette/isTyping";
import { useEffect } from "react";

export function usePaletteKeys(open: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isCommand = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
      const isCovered = document.querySelector("dialog[open], [role=dialog]") !== null;
      if (event.defaultPrevented || isCovered || !(isCommand || isSlash)) return;
      event.preventDefault(); // otherwise Ctrl-K opens the browser's search and the slash is typed
      open();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
    };
  }, [open]);
}

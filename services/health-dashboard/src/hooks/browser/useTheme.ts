/** The theme that was chosen, and the one that is seen. */
import { useMediaQuery } from "@/hooks/browser/useMediaQuery";
import { useStore } from "@/hooks/useStore";
import { themeStore, type ThemeChoice } from "@/lib/themeStore";

/** `seen` is what `choice` comes to on this system. */
export function useTheme(): { readonly choice: ThemeChoice; readonly seen: "light" | "dark" } {
  const choice = useStore(themeStore, (state) => state.choice);
  const isSystemDark = useMediaQuery("(prefers-color-scheme: dark)");
  const systemTheme = isSystemDark ? "dark" : "light";
  return { choice, seen: choice === "system" ? systemTheme : choice };
}

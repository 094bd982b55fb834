/** The chosen theme and the effective one. */
import { useMediaQuery } from "@/hooks/browser/useMediaQuery";
import { useStore } from "@/hooks/useStore";
import { themeStore, type ThemeChoice } from "@/lib/themeStore";

/** `seen` is the effective theme of `choice` on this system. */
export function useTheme(): { readonly choice: ThemeChoice; readonly seen: "light" | "dark" } {
  const choice = useStore(themeStore, (state) => state.choice);
  const isSystemDark = useMediaQuery("(prefers-color-scheme: dark)");
  const systemTheme = isSystemDark ? "dark" : "light";
  return { choice, seen: choice === "system" ? systemTheme : choice };
}

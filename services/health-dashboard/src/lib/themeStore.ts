/** The theme: stored in the browser and set on the document; the system's theme by default. */
import { Store } from "@/lib/store";

export const THEMES = ["system", "light", "dark"] as const;

export type ThemeChoice = (typeof THEMES)[number];

// public/theme.js reads the same key before the first paint.
const STORAGE_KEY = "ha-ingestor-theme";

export const themeStore = new Store<{ readonly choice: ThemeChoice }>({ choice: readChoice() });

/** Apply a theme now and at the next visit. */
export function chooseTheme(choice: ThemeChoice): void {
  if (choice === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = choice;
  try {
    localStorage.setItem(STORAGE_KEY, choice);
  } catch {
    // Storage is not available: the choice is lost with this page.
  }
  themeStore.set({ choice });
}

function readChoice(): ThemeChoice {
  try {
    const kept = localStorage.getItem(STORAGE_KEY);
    return THEMES.find((theme) => theme === kept) ?? "system";
  } catch {
    return "system";
  }
}

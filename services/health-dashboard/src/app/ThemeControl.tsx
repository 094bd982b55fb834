/** Selects the theme: system, light or dark. */
import { Icon } from "@/components/signs/Icon";
import { SegmentedControl } from "@/components/controls/SegmentedControl";
import { useTheme } from "@/hooks/browser/useTheme";
import { chooseTheme } from "@/lib/themeStore";
import type { ReactNode } from "react";

const OPTIONS = [
  { value: "system", label: "Theme of the system", face: <Icon name="screen" /> },
  { value: "light", label: "Light theme", face: <Icon name="sun" /> },
  { value: "dark", label: "Dark theme", face: <Icon name="moon" /> },
] as const;

export function ThemeControl(): ReactNode {
  const { choice } = useTheme();
  return <SegmentedControl label="Theme" options={OPTIONS} value={choice} onChange={chooseTheme} />;
}

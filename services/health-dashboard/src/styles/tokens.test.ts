// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const AA = 4.5;
const GRAPHICS = 3;
const TOKENS = readTokens(readFileSync(new URL("tokens.css", import.meta.url), "utf8"));
const GROUNDS = ["ground", "surface", "raised"];
const TEXTS = ["ink", "ink-soft", "ink-faint"];
const TONES = ["accent", "good", "warn", "bad"];

const pairs = [
  ...GROUNDS.flatMap((ground) => TEXTS.map((text) => [text, ground] as const)),
  ...TONES.flatMap((tone) => [[tone, "surface"] as const, [tone, `${tone}-soft`] as const]),
  ...TEXTS.map((text) => [text, "accent-soft"] as const), // a new row
];

test.each(pairs)("%s on %s can be read in both themes", (text, ground) => {
  for (const theme of [0, 1] as const) {
    expect(contrast(colour(text, theme), colour(ground, theme))).toBeGreaterThanOrEqual(AA);
  }
});

test.each(["storage", "query", "websocket", "api"])("a line of the data flow for %s can be seen in both themes", (type) => {
  for (const theme of [0, 1] as const) {
    expect(contrast(colour(`flow-${type}`, theme), colour("surface", theme))).toBeGreaterThanOrEqual(GRAPHICS);
  }
});

function readTokens(css: string): Map<string, [string, string]> {
  const found = css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g);
  return new Map([...found].map(([, name = "", light = "", dark = ""]) => [name, [light, dark]]));
}

function colour(name: string, theme: 0 | 1): string {
  const themes = TOKENS.get(name);
  if (!themes) throw new Error(`no token --${name}`);
  return themes[theme];
}

/** WCAG 2.2, "contrast ratio" and "relative luminance". */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

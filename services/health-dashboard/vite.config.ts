/** Build, development server and tests of the dashboard. */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { adaptPage } from "./vite/adaptPage.ts";
import { bundleBudget } from "./vite/bundleBudget.ts";
import { compressAssets } from "./vite/compressAssets.ts";

/** The language: the folder of `src/texts` for `@/texts/…`, and the `lang` of the page. */
const LANGUAGE = "en";

const budget = bundleBudget({
  entry: "/index.html",
  isPage: (module) => module.includes("/src/app/pages/"),
  onDemand: ["/src/features/session/SignIn.tsx", "/src/components/flow/PartSheet.tsx", "/src/features/palette/Palette.tsx"],
  firstLimit: 130_000,
  pageLimit: 80_000,
});

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // Relative, so that the same files work behind a proxy with a prefix, such as Home Assistant's ingress.
  base: "./",
  plugins: [react(), tailwindcss(), adaptPage(LANGUAGE), budget, compressAssets()],
  resolve: {
    alias: [
      { find: "@/texts", replacement: folder(`./src/texts/${LANGUAGE}`) },
      { find: "@", replacement: folder("./src") },
    ],
  },
  build: {
    // The Content-Security-Policy allows only 'self' for scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false, // the budget reports sizes
    // All imports of the first page in one file: a browser opens six connections, and more files would be queued.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] } } },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8003" } },
  test: {
    testTimeout: 20_000, // axe takes seconds on a busy machine
    environment: "jsdom",
    isolate: false, // a jsdom for each file took two thirds of the time; src/test/setup.ts cleans up instead
    setupFiles: "src/test/setup.ts",
    env: { TZ: "UTC" },
    restoreMocks: true,
    unstubGlobals: true,
  },
});

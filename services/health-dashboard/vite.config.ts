/** How the dashboard is built, served while developing, and tested. */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative, so that the same files work behind a proxy's sub-path (Home Assistant's ingress is one).
  base: "./",
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    // The Content-Security-Policy knows 'self' and nothing else for scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8003" } },
  test: {
    testTimeout: 20_000, // axe takes seconds on a busy machine
    environment: "jsdom",
    setupFiles: "src/test/setup.ts",
    env: { TZ: "UTC" },
    restoreMocks: true,
    unstubGlobals: true,
  },
});

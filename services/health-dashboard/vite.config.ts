/** How the dashboard is built, served while developing, and tested. */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Writes each text file of the build a second and a third time, compressed: once here instead of at every request. */
function compressAssets(): Plugin {
  let folder = "dist";
  return {
    name: "compress-assets",
    apply: "build",
    configResolved: (config) => {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle: () => {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        const file = join(folder, name);
        if (!/\.(js|css|html|svg|json|webmanifest)$/.test(name)) continue;
        const text = readFileSync(file);
        if (text.length < 1024) continue;
        writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(text));
      }
    },
  };
}

export default defineConfig({
  // Relative, so that the same files work behind a proxy's sub-path (Home Assistant's ingress is one).
  base: "./",
  plugins: [react(), tailwindcss(), compressAssets()],
  resolve: { alias: { "@/texts": fileURLToPath(new URL("./src/texts/en", import.meta.url)), "@": fileURLToPath(new URL("./src", import.meta.url)) } },
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

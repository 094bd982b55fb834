/** How the dashboard is built, served while developing, and tested. */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/**
 * Writes each text file of the build a second and a third time, compressed: once here instead of at every request.
 * Not index.html, in which the server sets the base.
 */
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
        if (!/\.(js|css|svg|json|webmanifest)$/.test(name)) continue;
        const text = readFileSync(file);
        if (text.length < 1024) continue;
        writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(text));
      }
    },
  };
}

/** The language of the page: the folder of `src/texts` that `@/texts/…` stands for, and the page's `lang`. */
const LANGUAGE = "en";

/** Sets the page's language; while developing, its base too: Vite serves the page at every route, always below `/`. */
function adaptPage(): Plugin {
  return {
    name: "adapt-page",
    transformIndexHtml: (html, { server }) => {
      const page = html.replace('<html lang="en">', `<html lang="${LANGUAGE}">`);
      return server ? page.replace('<base href="./" />', '<base href="/" />') : page;
    },
  };
}

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // Relative, so that the same files work behind a proxy's sub-path (Home Assistant's ingress is one).
  base: "./",
  plugins: [react(), tailwindcss(), adaptPage(), compressAssets()],
  resolve: {
    alias: [
      { find: "@/texts", replacement: folder(`./src/texts/${LANGUAGE}`) },
      { find: "@", replacement: folder("./src") },
    ],
  },
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

/** Compresses the files of the build once, instead of at every request. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Write two compressed versions of each text file, except index.html, in which the server sets the base. */
export function compressAssets(): Plugin {
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

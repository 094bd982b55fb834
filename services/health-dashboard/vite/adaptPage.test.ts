import { expect, test } from "vitest";
import { preloadTags } from "./adaptPage.ts";

const BUNDLE = {
  "assets/index-1.css": { type: "asset" },
  "assets/Chart-2.js": { type: "chunk", facadeModuleId: "/src/Chart.tsx" },
};

test("the file of a module is preloaded, relative to the page", () => {
  const [link] = preloadTags(BUNDLE, ["/src/Chart.tsx"]);
  expect(link).toMatchObject({ tag: "link", attrs: { rel: "modulepreload", href: "./assets/Chart-2.js" } });
});

test("a module that begins no file is an error, and not a page that preloads nothing", () => {
  expect(() => preloadTags(BUNDLE, ["/src/Plot.tsx"])).toThrow("/src/Plot.tsx");
});

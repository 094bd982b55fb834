/** Adapts index.html to the language and to Vite's own server. */
import type { Plugin } from "vite";

/** Sets the page's language; while developing, its base too: Vite serves the page at every route, always below `/`. */
export function adaptPage(language: string): Plugin {
  return {
    name: "adapt-page",
    transformIndexHtml: (html, { server }) => {
      const page = html.replace('<html lang="en">', `<html lang="${language}">`);
      return server ? page.replace('<base href="./" />', '<base href="/" />') : page;
    },
  };
}

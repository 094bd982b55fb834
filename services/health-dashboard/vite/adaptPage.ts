/** Adapts index.html to the language and to Vite's development server. */
import type { Plugin } from "vite";

/** Set the language of the page; during development also the base, because Vite serves the page at every route below `/`. */
export function adaptPage(language: string): Plugin {
  return {
    name: "adapt-page",
    transformIndexHtml: (html, { server }) => {
      const page = html.replace('<html lang="en">', `<html lang="${language}">`);
      return server ? page.replace('<base href="./" />', '<base href="/" />') : page;
    },
  };
}

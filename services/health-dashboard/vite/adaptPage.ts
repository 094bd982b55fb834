/** Adapts index.html to the language, to what its first view needs, and to Vite's own server. */
import type { HtmlTagDescriptor, Plugin } from "vite";

/**
 * Sets the page's language; while developing, its base too: Vite serves the page at every route, always below `/`.
 * The files of `preloaded` modules, which the first view imports late, are fetched with the page: the first requests to the
 * API would else hold all connections that a browser opens to a server.
 */
export function adaptPage(language: string, preloaded: readonly string[]): Plugin {
  return {
    name: "adapt-page",
    transformIndexHtml: (html, { server, bundle }) => {
      const page = html.replace('<html lang="en">', `<html lang="${language}">`);
      return server ? page.replace('<base href="./" />', '<base href="/" />') : { html: page, tags: preloadTags(bundle ?? {}, preloaded) };
    },
  };
}

interface File {
  readonly type: string;
  readonly facadeModuleId?: string | null;
}

/** A link for the file of each module; a module that begins no file is an error. */
export function preloadTags(bundle: Readonly<Record<string, File>>, modules: readonly string[]): HtmlTagDescriptor[] {
  return modules.map((module) => {
    const file = Object.keys(bundle).find((name) => bundle[name]?.facadeModuleId?.endsWith(module));
    if (file === undefined) throw new Error(`${module} begins no file of the build`);
    return { tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `./${file}` }, injectTo: "head" };
  });
}

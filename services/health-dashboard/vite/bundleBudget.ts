/** The JavaScript budget: the size of the first page, and of each further page. The build fails if it is exceeded. */
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** A file of the build: its gzipped size and its imports. */
export interface BuiltFile {
  readonly bytes: number;
  readonly module: string | null;
  readonly imports: readonly string[];
  readonly dynamicImports: readonly string[];
}

export interface PageCost {
  readonly page: string;
  readonly bytes: number;
  readonly limit: number;
  /** The files, largest first. */
  readonly files: readonly (readonly [string, number])[];
}

interface Budget {
  readonly entry: string;
  /** Return whether a module is a page that is loaded when it is opened. */
  readonly isPage: (module: string) => boolean;
  /** Modules that are loaded neither with the first page nor with another one, but on request. */
  readonly onDemand: readonly string[];
  readonly firstLimit: number;
  readonly pageLimit: number;
}

type Files = ReadonlyMap<string, BuiltFile>;

/** Return the size of each page: the first is that of the entry, the others are in addition to it and include their own lazy parts. */
export function pageCosts(files: Files, { entry, isPage, onDemand, firstLimit, pageLimit }: Budget): PageCost[] {
  const moduleOf = (name: string) => files.get(name)?.module ?? "";
  const isApart = (name: string) => isPage(moduleOf(name)) || onDemand.some((module) => moduleOf(name).endsWith(module));
  const start = [...files.keys()].find((name) => moduleOf(name).endsWith(entry));
  for (const module of [entry, ...onDemand]) {
    if (![...files.keys()].some((name) => moduleOf(name).endsWith(module))) throw new Error(`the build has no file of ${module}`);
  }
  const first = closure(files, start ?? "", new Set(), isApart);
  const pages = [...files.keys()].filter((name) => isPage(moduleOf(name)) && !first.has(name));
  return [
    cost(files, "/", first, firstLimit),
    ...pages.map((name) => cost(files, moduleOf(name), closure(files, name, first, isApart), pageLimit)),
  ];
}

/** Fail the build if pages exceed the budget, with their names and sizes. */
export function bundleBudget(budget: Budget): Plugin {
  return {
    name: "bundle-budget",
    apply: "build",
    generateBundle(_, bundle) {
      const files = new Map<string, BuiltFile>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        const { facadeModuleId: module, imports, dynamicImports } = chunk;
        files.set(chunk.fileName, { bytes: gzipSync(chunk.code, { level: 9 }).length, module, imports, dynamicImports });
      }
      const costs = pageCosts(files, budget);
      for (const each of costs) console.log(describeCost(each));
      const over = costs.filter(({ bytes, limit }) => bytes > limit);
      if (over.length > 0) this.error(["Too much JavaScript:", ...over.map(describeFiles)].join("\n"));
    },
  };
}

function describeCost({ page, bytes, limit }: PageCost): string {
  return `${kB(bytes).padStart(9)} of ${kB(limit)}  ${page.replace(/.*\/(?=.)/, "")}`;
}

function describeFiles(cost: PageCost): string {
  return [describeCost(cost), ...cost.files.map(([name, bytes]) => `    ${kB(bytes).padStart(9)}  ${name}`)].join("\n");
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/** The files needed in addition to `known`: transitive imports, including dynamic ones unless they are separate. */
function closure(files: Files, start: string, known: ReadonlySet<string>, isApart: (name: string) => boolean): Set<string> {
  const found = new Set<string>();
  const waiting = [start];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const file = files.get(name);
    if (!file || found.has(name) || known.has(name)) continue;
    found.add(name);
    waiting.push(...file.imports, ...file.dynamicImports.filter((each) => !isApart(each)));
  }
  return found;
}

function cost(files: Files, page: string, names: ReadonlySet<string>, limit: number): PageCost {
  const sizes = [...names].map((name) => [name, files.get(name)?.bytes ?? 0] as const).sort(([, a], [, b]) => b - a);
  return { page, bytes: sizes.reduce((sum, [, bytes]) => sum + bytes, 0), limit, files: sizes };
}

import { pageCosts, type BuiltFile } from "./bundleBudget.ts";
import { expect, test } from "vitest";

const BUDGET = { entry: "/index.html", isPage: (module: string) => module.includes("/pages/"), onDemand: ["/Palette.tsx"], firstLimit: 130, pageLimit: 80 };

function files(changes: Record<string, Partial<BuiltFile>> = {}): Map<string, BuiltFile> {
  const file = (bytes: number, module: string | null, imports: string[] = [], dynamicImports: string[] = []): BuiltFile => ({ bytes, module, imports, dynamicImports });
  const built = {
    "index.js": file(60, "/app/index.html", ["react.js"], ["chart.js", "flow.js", "palette.js"]),
    "react.js": file(30, null),
    "chart.js": file(20, "/app/Chart.tsx", ["index.js", "uplot.js"]),
    "uplot.js": file(7, null),
    "flow.js": file(40, "/app/pages/Flow.tsx", ["index.js", "shared.js"], ["chart.js", "detail.js", "palette.js"]),
    "shared.js": file(3, null),
    "detail.js": file(5, "/app/Detail.tsx"),
    "palette.js": file(99, "/app/Palette.tsx"),
  };
  return new Map(Object.entries(built).map(([name, each]) => [name, { ...each, ...changes[name] }]));
}

test("the first page costs the entry and all that it fetches, once each; but no other page, and nothing on demand", () => {
  const [first] = pageCosts(files(), BUDGET);
  expect(first).toMatchObject({ page: "/", bytes: 60 + 30 + 20 + 7, limit: 130 });
  expect(first?.files[0]).toEqual(["index.js", 60]);
});

test("a further page costs what the first has not fetched, its lazy parts too", () => {
  expect(pageCosts(files(), BUDGET)[1]).toMatchObject({ page: "/app/pages/Flow.tsx", bytes: 40 + 3 + 5, limit: 80 });
});

test("a page that became part of the entry counts there", () => {
  const costs = pageCosts(files({ "index.js": { imports: ["react.js", "flow.js"] } }), BUDGET);
  expect(costs.map(({ bytes }) => bytes)).toEqual([117 + 40 + 3 + 5]);
});

test("a lazy part that nobody named is the first page's", () => {
  const lazy = { "index.js": { dynamicImports: ["chart.js", "flow.js", "palette.js", "detail.js"] } };
  expect(pageCosts(files(lazy), BUDGET)[0]?.bytes).toBe(117 + 5);
});

test("a name that is no file of the build is an error, and not a cheap build", () => {
  expect(() => pageCosts(files(), { ...BUDGET, entry: "/main.html" })).toThrow("/main.html");
  expect(() => pageCosts(files(), { ...BUDGET, onDemand: ["/Search.tsx"] })).toThrow("/Search.tsx");
});

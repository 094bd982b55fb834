/** What is checked: types, hooks, and the direction of imports between folders. */
import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

/** Layers, lowest first. A layer may import the layers before it. */
const LAYERS = [["lib", "texts", "types", "utils"], ["hooks"], ["api"], ["components"], ["features"], ["app"]];

const layering = LAYERS.flatMap((layer, at) =>
  layer.map((folder) => ({
    files: [`src/${folder}/**/*.{ts,tsx}`],
    ignores: ["**/*.test.{ts,tsx}"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          paths: [{ name: "react-router", message: "See @/components/Link, @/hooks/useSearchParams, @/hooks/useLocation and @/lib/router." }],
          patterns: [
            { regex: "^\\.\\./", message: "Import by @/ what is in another folder." },
            ...LAYERS.slice(at + 1)
              .flat()
              .map((above) => ({ group: [`@/${above}/*`, "!@/api/schema"], message: `${folder} does not know ${above}.` })),
          ],
        },
      ],
    },
  })),
);

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  js.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}", "vite/*.ts", "vite.config.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  { files: ["src/**/*.{ts,tsx}"], ...reactHooks.configs.flat["recommended-latest"] },
  { files: ["public/*.js"], languageOptions: { globals: globals.browser, sourceType: "script" } },
  { files: ["*.js"], languageOptions: { globals: globals.node } },
  ...layering,
);

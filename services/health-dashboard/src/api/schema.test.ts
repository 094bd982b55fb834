// @vitest-environment node
import { readFileSync } from "node:fs";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, test } from "vitest";

const OPENAPI = new URL("../../../../docs/reference/openapi.json", import.meta.url);

test("the types are those of docs/reference/openapi.json (else: npm run generate-api)", async () => {
  const expected = COMMENT_HEADER + astToString(await openapiTS(OPENAPI));
  expect(readFileSync(new URL("schema.d.ts", import.meta.url), "utf8")).toBe(expected);
});

import { runbookUrl } from "@/utils/address/runbookUrl";
import { expect, test } from "vitest";

test("a runbook of ours is relative to the page, another's address stays", () => {
  expect(runbookUrl("/api/v1/runbooks/lag")).toBe("http://localhost:3000/api/v1/runbooks/lag");
  expect(runbookUrl("https://wiki.example/lag")).toBe("https://wiki.example/lag");
});

import { actionWords } from "@/features/settings/audit/actionWords";
import { expect, test } from "vitest";

test.each([
  ["PUT /api/v1/filters", "Change filters"],
  ["POST /api/v1/rejected/18ead0747186b3e9-8ede/replay", "Replay a rejected event"],
  ["DELETE /api/v1/tokens/3f9c01ab", "Revoke a token"],
  ["GET /api/v1/filters", "GET /api/v1/filters"],
  ["POST /api/v1/rejected/{rejected_id}/replay", "Replay a rejected event"],
  ["tokens create", "Create a token (command line)"],
  ["link", "Create a sign-in link (command line)"],
])("%s reads %s", (action, words) => {
  expect(actionWords(action)).toBe(words);
});

import { describeHealth } from "@/features/health/describeHealth";
import { ApiError } from "@/lib/http";
import { aHealthAnswer } from "@/test/fixtures";
import { expect, test } from "vitest";

const describe = (data: ReturnType<typeof aHealthAnswer>) => describeHealth({ data, error: null });

test("a healthy house has no problems", () => {
  expect(describe(aHealthAnswer())).toMatchObject({ tone: "good", badge: "Healthy", problems: [] });
});

test("a refused token says what to do", () => {
  const socket = { is_connected: false, state: "auth_invalid", last_error: "Invalid access token" } as const;
  const words = describe(aHealthAnswer({ overall_status: "unhealthy", socket }));
  expect(words).toMatchObject({ tone: "bad", headline: "Nothing is being captured" });
  expect(words.problems).toEqual([
    {
      text: "Home Assistant refuses the token in HA_TOKEN: create a new one there, and set it with ha-ingestor token set (Invalid access token).",
      runbook: "/api/v1/runbooks/token_refused",
    },
  ]);
});

test("an address that is forbidden says what to do", () => {
  const socket = { is_connected: false, state: "forbidden", last_error: "403" } as const;
  const [problem] = describe(aHealthAnswer({ overall_status: "unhealthy", socket })).problems;
  expect(problem?.text).toContain("remove it from ip_bans.yaml");
  expect(problem?.runbook).toBe("/api/v1/runbooks/address_forbidden");
});

test("of several homes each problem names its home and its setting", () => {
  const [home] = aHealthAnswer().homes;
  if (home === undefined) throw new Error("no home");
  const cabin = { ...home, home: "cabin", state: "auth_invalid", last_error: null, token_variable: "HA_TOKEN_CABIN" } as const;
  const lake = { ...home, home: "lake", event_types: ["state_changed"], token_variable: "HA_TOKEN_LAKE" };
  const socket = { is_connected: false, state: "auth_invalid", token_variable: "HA_TOKEN_CABIN" } as const;
  const words = describe(aHealthAnswer({ overall_status: "degraded", socket, homes: [home, cabin, lake] }));
  expect(words.headline).toBe("Something is not as it should be");
  expect(words.problems.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^cabin: Home Assistant refuses the token in HA_TOKEN_CABIN/),
    expect.stringMatching(/^lake: Only state changes .* HA_TOKEN_LAKE is not an administrator's/),
  ]);
});

test("a token that may receive only part of the events says so", () => {
  const words = describe(aHealthAnswer({ overall_status: "degraded", socket: { event_types: ["state_changed"] } }));
  expect(words).toMatchObject({ tone: "warn", headline: "Something is not as it should be" });
  expect(words.problems[0]?.text).toContain("The token in HA_TOKEN is not an administrator's");
  expect(words.problems[0]?.runbook).toBe("/api/v1/runbooks/event_types_missing");
});

test("a store that is away is not blamed on Home Assistant", () => {
  const storage = { is_connected: false, last_error: "disk is full" };
  const words = describe(aHealthAnswer({ overall_status: "degraded", storage }));
  expect(words).toMatchObject({ tone: "warn", headline: "Events are captured but cannot be stored" });
  expect(words.problems).toHaveLength(1);
  expect(words.problems[0]?.text).toContain("disk is full");
});

test("a damaged store says what happened and what to do, and that events wait", () => {
  const last_error = "events.sqlite3 is damaged. Events wait in the spool. Stop HA Ingestor, then bring back a backup";
  const storage = { is_connected: false, last_error, error_key: "store_damaged" };
  const words = describe(aHealthAnswer({ overall_status: "unhealthy", storage }));
  expect(words.headline).toBe("The store is damaged; events are captured and wait in the spool");
  expect(words.problems).toEqual([{ text: `${last_error}.`, runbook: "/api/v1/runbooks/store_damaged" }]);
});

test("both at once are both told", () => {
  const gone = { is_connected: false, last_error: null };
  const words = describe(
    aHealthAnswer({ overall_status: "unhealthy", socket: { ...gone, state: "disconnected" }, storage: gone }),
  );
  expect(words.headline).toBe("Nothing is being captured or stored");
  expect(words.problems).toHaveLength(2);
});

test("a service that does not answer is not said to capture nothing", () => {
  const socket = { is_connected: false, state: "unknown", last_error: "websocket-ingestion is unreachable" } as const;
  expect(describe(aHealthAnswer({ overall_status: "unhealthy", socket })).headline).toBe(
    "Something is not as it should be",
  );
});

test("an API that is silent outweighs what it said last", () => {
  const error = new ApiError("The Admin API does not answer", 0, "unreachable");
  expect(describeHealth({ data: aHealthAnswer(), error })).toMatchObject({ tone: "bad", badge: "Unreachable" });
});

test("an API that answers with an error is not called unreachable", () => {
  const error = new ApiError("The store does not answer", 503, "store_unavailable");
  expect(describeHealth({ data: undefined, error }).badge).toBe("Unknown");
});

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
    "Home Assistant refuses the access token: set a new one with ha-ingestor token set (Invalid access token).",
  ]);
});

test("a token that may receive only part of the events says so", () => {
  const words = describe(aHealthAnswer({ overall_status: "degraded", socket: { event_types: ["state_changed"] } }));
  expect(words).toMatchObject({ tone: "warn", headline: "Something is not as it should be" });
  expect(words.problems[0]).toContain("not an administrator's");
});

test("a store that is away is not blamed on Home Assistant", () => {
  const storage = { is_connected: false, last_error: "disk is full" };
  const words = describe(aHealthAnswer({ overall_status: "degraded", storage }));
  expect(words).toMatchObject({ tone: "warn", headline: "Events are captured but cannot be stored" });
  expect(words.problems).toHaveLength(1);
  expect(words.problems[0]).toContain("disk is full");
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

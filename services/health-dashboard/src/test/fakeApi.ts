/** A fake Admin API: fetch and EventSource return the answers set by a test. */
import { anAccountingAnswer, aHeartbeatsAnswer, anAlertsAnswer, aBusiestAnswer, aGapsAnswer, aHealthAnswer, aRejectedAnswer, aSessionAnswer, aSilentAnswer, aStatsAnswer, someEvents } from "@/test/fixtures";
import { aTopology } from "@/test/flowFixtures";
import { aServiceTrendsAnswer } from "@/test/serviceTrends";
import { vi } from "vitest";

type Answer = () => Response | Promise<Response>;

export class FakeApi {
  readonly asked: URL[] = [];
  /** The changes sent: method, path and body. */
  readonly sent: [string, string, unknown][] = [];
  /** The answer of each path; healthy by default. */
  readonly answers: Record<string, Answer> = {
    health: ok(aHealthAnswer()),
    stats: ok(aStatsAnswer()),
    "stats/heartbeats": ok(aHeartbeatsAnswer()),
    "stats/services/trends": ok(aServiceTrendsAnswer()),
    accounting: ok(anAccountingAnswer()),
    "entities/busiest": ok(aBusiestAnswer()),
    "entities/silent": ok(aSilentAnswer()),
    backfill: ok({ backfill: null }),
    "stats/alerts": ok(anAlertsAnswer()),
    gaps: ok(aGapsAnswer()),
    rejected: ok(aRejectedAnswer()),
    session: ok(aSessionAnswer()),
    topology: ok(aTopology()),
    events: ok({ events: someEvents(3), next_cursor: null }),
  };

  /** Replace fetch and EventSource of the browser. */
  install(): this {
    FakeEventSource.opened = [];
    vi.stubGlobal("EventSource", FakeEventSource);
    vi.stubGlobal("fetch", (address: string, wish?: RequestInit) => this.#fetch(new URL(address), wish));
    return this;
  }

  /** Set the answer of every path. */
  answerAll(answer: Answer): void {
    for (const path of Object.keys(this.answers)) this.answers[path] = answer;
  }

  async #fetch(url: URL, { method = "GET", body }: RequestInit = {}): Promise<Response> {
    this.asked.push(url);
    const path = url.pathname.replace("/api/v1/", "");
    if (method !== "GET") this.sent.push([method, path, typeof body === "string" ? JSON.parse(body) : undefined]);
    const answer = this.answers[method === "GET" ? path : `${method} ${path}`];
    return answer ? answer() : new Response("", { status: 404 });
  }
}

export function ok(body: unknown): Answer {
  return () => Response.json(body);
}

export function failing(message: string, status = 503): Answer {
  return () => Response.json({ error: { key: "store_unavailable", message, detail: {} } }, { status });
}

/** An answer that requires a token. */
export function refusing(): Answer {
  return () =>
    Response.json({ error: { key: "unauthorized", message: "A token is required", detail: {} } }, { status: 401 });
}

/** No answer, as if nothing listens. */
export function unreachable(): Answer {
  return () => Promise.reject(new TypeError("Failed to fetch"));
}

export function never(): Answer {
  return () => new Promise(() => undefined);
}

export class FakeEventSource extends EventTarget {
  static opened: FakeEventSource[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;

  constructor(readonly url: string) {
    super();
    FakeEventSource.opened.push(this);
  }

  /** The last one that was opened. */
  static get last(): FakeEventSource {
    const source = FakeEventSource.opened.at(-1);
    if (!source) throw new Error("no stream was opened");
    return source;
  }

  close(): void {
    this.isClosed = true;
  }

  send(type: "events" | "statistics" | "alerts" | "missed" | "reconnect" | "status" | "end", data: unknown): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

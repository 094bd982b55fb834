import { ApiError, apiUrl, changeJson, getJson, postJson } from "@/lib/http";
import { expect, test, vi } from "vitest";

const answerWith = (answer: () => Promise<Response>) => {
  vi.stubGlobal("fetch", answer);
};

test("an address is relative to the page and leaves out what is undefined", () => {
  expect(apiUrl("events", { limit: 5, cursor: undefined })).toBe("http://localhost:3000/api/v1/events?limit=5");
});

test("every request has the id of the browser", async () => {
  const asked: RequestInit[] = [];
  vi.stubGlobal("fetch", (_: string, wish: RequestInit) => {
    asked.push(wish);
    return Promise.resolve(Response.json({}));
  });
  await getJson("stats");
  await postJson("alerts/x/acknowledge");
  for (const wish of asked) expect(wish.headers).toMatchObject({ "X-Client-Id": expect.stringMatching(/^[0-9a-f]{32}$/) as string });
  expect(asked).toHaveLength(2);
});

test("parameters are escaped", () => {
  expect(apiUrl("events", { entity_id: "light.*&x=1" })).toContain("entity_id=light.*%26x%3D1");
});

test("an error's message and key come from the API", async () => {
  const body = { error: { key: "invalid_input", message: "period must be 1h", detail: {} } };
  answerWith(() => Promise.resolve(Response.json(body, { status: 422 })));
  await expect(getJson("stats")).rejects.toMatchObject({ message: "period must be 1h", status: 422, key: "invalid_input" });
});

test.each([502, 503, 504])("a proxy's page with status %d means that the Admin API does not answer", async (status) => {
  answerWith(() => Promise.resolve(new Response("<html>", { status })));
  await expect(getJson("stats")).rejects.toMatchObject({ status: 0, key: "unreachable", message: expect.stringContaining(String(status)) as string });
});

test("a page with another status is an error of that status", async () => {
  answerWith(() => Promise.resolve(new Response("<html>", { status: 500 })));
  await expect(getJson("stats")).rejects.toThrow("The Admin API answered with status 500");
});

test("a page with status 200 is no answer", async () => {
  answerWith(() => Promise.resolve(new Response("<html>")));
  await expect(getJson("stats")).rejects.toMatchObject({ key: "not_json" });
});

test("a failed connection has a readable error", async () => {
  answerWith(() => Promise.reject(new TypeError("Failed to fetch")));
  await expect(getJson("stats")).rejects.toEqual(new ApiError("The Admin API does not answer", 0, "unreachable"));
});

test("an aborted request is not an error of the API", async () => {
  const giveUp = new AbortController();
  answerWith(() => {
    giveUp.abort();
    return Promise.reject(new DOMException("aborted", "AbortError"));
  });
  await expect(getJson("stats", {}, giveUp.signal)).rejects.toMatchObject({ name: "AbortError" });
});

test("a change sends its body, and a refusal names the field that is wrong", async () => {
  const detail = { field: "exclude.entities", expected: "entity ids" };
  const fetched = vi.fn(() => Promise.resolve(Response.json({ error: { key: "invalid_input", message: "no", detail } }, { status: 422 })));
  answerWith(fetched);
  await expect(changeJson("POST", "filters/preview", { exclude: {} }, { period: "1h" })).rejects.toMatchObject({ status: 422, detail });
  expect(fetched).toHaveBeenCalledWith(
    apiUrl("filters/preview", { period: "1h" }),
    expect.objectContaining({ method: "POST", body: '{"exclude":{}}' }),
  );
});

test("a change is sent as POST, and an error has the message of the API", async () => {
  const fetched = vi.fn(() => Promise.resolve(Response.json({ error: { key: "not_found", message: "No alert", detail: {} } }, { status: 404 })));
  answerWith(fetched);
  await expect(postJson("alerts/x/acknowledge")).rejects.toMatchObject({ message: "No alert", status: 404 });
  expect(fetched).toHaveBeenCalledWith(apiUrl("alerts/x/acknowledge"), expect.objectContaining({ method: "POST" }));
});

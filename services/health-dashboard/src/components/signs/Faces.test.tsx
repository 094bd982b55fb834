import { Faces } from "@/components/signs/Faces";
import { setFreshness } from "@/lib/freshness";
import { ApiError } from "@/lib/http";
import type { Loadable } from "@/types/loadable";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

function show(source: Partial<Loadable<string[]>>): void {
  const whole = { data: undefined, error: null, retry: () => undefined, ...source };
  render(
    <Faces
      source={whole}
      loading={<i>bones</i>}
      isEmpty={(data) => data.length === 0}
      empty={{ title: "Nothing", text: "Later." }}
    >
      {(data) => <p>{data.join()}</p>}
    </Faces>,
  );
}

test("loading is announced to screen readers", () => {
  show({});
  expect(screen.getByRole("status")).toHaveTextContent("Loading");
});

test("an empty card has a message", () => {
  show({ data: [] });
  expect(screen.getByText("Nothing")).toBeInTheDocument();
});

test("an error is announced and can be tried again", async () => {
  const retry = vi.fn();
  show({ error: new Error("The store does not answer"), retry });
  expect(screen.getByRole("alert")).toHaveTextContent("The store does not answer");
  await userEvent.click(screen.getByRole("button", { name: "Try now" }));
  expect(retry).toHaveBeenCalledOnce();
});

test("data stays visible while a refetch fails", () => {
  show({ data: ["old"], error: new Error("gone") });
  expect(screen.getByText("old")).toBeInTheDocument();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("while a banner shows a problem, no card repeats it", () => {
  setFreshness({ asOfMs: null, hasBanner: true });
  show({ error: new ApiError("events.sqlite3 is damaged. Stop HA Ingestor", 503, "store_damaged") });
  expect(screen.getByText("Not available at the moment")).toBeInTheDocument();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.queryByRole("button")).toBeNull();
});

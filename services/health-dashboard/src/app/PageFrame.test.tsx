import { PageFrame } from "@/app/PageFrame";
import { render, screen } from "@testing-library/react";
import { lazy } from "react";
import { beforeEach, expect, test, vi } from "vitest";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined); // React reports the caught error
});

test.each([
  "Failed to fetch dynamically imported module: http://home/assets/FlowPage-1234.js",
  "error loading dynamically imported module: http://home/assets/FlowPage-1234.js",
  "Importing a module script failed.",
  "Unable to preload CSS for /assets/FlowPage-1234.css",
])("code that cannot be loaded offers a reload: %s", async (message) => {
  const Page = lazy(() => Promise.reject(new TypeError(message)));
  render(<PageFrame><Page /></PageFrame>);
  expect(await screen.findByRole("alert")).toHaveTextContent(/upgraded, or the connection was lost/);
  expect(screen.getByRole("button", { name: "Reload" })).toBeInTheDocument();
});

test("an error of a page does not affect the rest, and its reason is under Details", async () => {
  const Page = () => {
    throw new Error("x is undefined");
  };
  render(<><p>The rest</p><PageFrame><Page /></PageFrame></>);
  expect(await screen.findByText("This page has stopped working")).toBeInTheDocument();
  expect(screen.getByText("x is undefined").closest("details")).toBeInTheDocument();
  expect(screen.getByText("The rest")).toBeInTheDocument();
});

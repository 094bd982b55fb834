import { SettingsPage } from "@/app/pages/SettingsPage";
import { failing, FakeApi, ok } from "@/test/fakeApi";
import { findViolations } from "@/test/findViolations";
import { aSessionAnswer } from "@/test/fixtures";
import { renderAt } from "@/test/renderAt";
import { aListedSession, anAuditEntry, aSetting, aStatsSource, aToken } from "@/test/settingsFixtures";
import { fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi().install();
  Object.assign(api.answers, {
    session: ok(aSessionAnswer({ scope: "admin", kind: "session", name: "me" })),
    version: ok({ name: "ha-ingestor", version: "0.1.0", commit: "9747f1d0c2a4b5e6f708192a3b4c5d6e7f809112", api: "v1" }),
    config: ok({ settings: [aSetting(), aSetting({ variable: "HA_TOKEN", value: "********", is_secret: true, source: "file", group: "Home Assistant" })] }),
    "config/stats-source": ok(aStatsSource()),
    tokens: ok({ tokens: [aToken()] }),
    sessions: ok({ sessions: [aListedSession({ is_own: true }), aListedSession({ id: "other", name: "prometheus", token_id: "3f9c01ab" })] }),
    audit: ok({ entries: [anAuditEntry(), anAuditEntry({ status: 403 })], next_cursor: "older" }),
  });
});

const show = (view = "") => renderAt(`/settings${view && `?view=${view}`}`, <SettingsPage />);

test("the general part has the theme, the viewer, the release and the interfaces", async () => {
  const { container } = show();
  expect(await screen.findByText("0.1.0")).toBeInTheDocument();
  expect(screen.getByText("9747f1d0c2a4")).toBeInTheDocument();
  expect(screen.getByText(/^Scope admin\. May do everything/)).toBeInTheDocument();
  expect(screen.getByRole("link", { name: /Description of the API/ })).toHaveAttribute("href", "http://localhost:3000/api/v1/openapi.json");
  expect(screen.getByRole("link", { name: /Metrics/ })).toHaveAttribute("href", "http://localhost:3000/metrics");
  await userEvent.click(screen.getByRole("radio", { name: "Dark theme" }));
  expect(document.documentElement.dataset["theme"]).toBe("dark");
  expect(await findViolations(container)).toEqual([]);
});

test.each(["configuration", "statistics", "access", "audit"])("without the scope %s names the required one, and sends no requests", async (view) => {
  api.answers["session"] = ok(aSessionAnswer({ scope: "operate", kind: "session" }));
  show(view);
  expect(await screen.findByText(/needs the scope admin\. You are signed in with the scope operate\./)).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Sign in" })).toBeInTheDocument();
  expect(api.asked.map(({ pathname }) => pathname)).toEqual(["/api/v1/session"]);
});

test("settings show their source, secrets are masked, and the search is in the address", async () => {
  const { address, container } = show("configuration");
  const secret = within(await screen.findByRole("region", { name: "Home Assistant" }));
  expect(secret.getByText("********")).toBeInTheDocument();
  expect(secret.getByText("File")).toBeInTheDocument();
  expect(await findViolations(container)).toEqual([]);
  await userEvent.type(screen.getByRole("searchbox", { name: "Search" }), "8003");
  expect(screen.getByText("1 of 2 settings")).toBeInTheDocument();
  expect(screen.queryByText("HA_TOKEN")).toBeNull();
  expect(address()).toBe("/settings?view=configuration&q=8003");
});

test("a change of the rollout is explained and confirmed before it is made", async () => {
  const { container } = show("statistics");
  expect(await screen.findByText(/come from the store: complete/)).toBeInTheDocument();
  fireEvent.change(screen.getByLabelText(/Share of clients/), { target: { value: "25" } });
  expect(await findViolations(container)).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Save…" }));
  const dialog = within(screen.getByRole("dialog", { name: "Change the source of statistics?" }));
  expect(dialog.getByText(/^25 % of the clients/)).toBeInTheDocument();
  expect(api.sent).toEqual([]);
  api.answers["PUT config/stats-source"] = ok(aStatsSource({ influxdb_rollout_percent: 25 }));
  await userEvent.click(dialog.getByRole("button", { name: "Change" }));
  expect(await screen.findByText("Saved.")).toBeInTheDocument();
  expect(api.sent).toEqual([["PUT", "config/stats-source", { influxdb_rollout_percent: 25 }]]);
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("an invalid share is reported at its field", async () => {
  show("statistics");
  const percent = await screen.findByLabelText(/Share of clients/);
  fireEvent.change(percent, { target: { value: "250" } });
  await userEvent.click(screen.getByRole("button", { name: "Save…" }));
  expect(screen.getByRole("alert")).toHaveTextContent("Enter a whole number from 0 to 100.");
  expect(percent).toHaveFocus();
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("a store disabled by the environment cannot be enabled here", async () => {
  const environment = { use_influxdb_stats: false, influxdb_rollout_percent: null, stats_compare: true };
  api.answers["config/stats-source"] = ok(
    aStatsSource({ use_influxdb_stats: false, environment, limited_by: { use_influxdb_stats: "environment", influxdb_rollout_percent: null } }),
  );
  show("statistics");
  expect(await screen.findByRole("radio", { name: "The store" })).toBeDisabled();
  expect(screen.getByText(/USE_INFLUXDB_STATS=false in the environment is the limit/)).toBeInTheDocument();
  expect(screen.getByText("The environment limits this.")).toBeInTheDocument();
  expect(screen.getByRole("checkbox", { name: "Compare both sources" })).toBeDisabled();
});

test("the share can be lowered below the environment's, and not raised above it", async () => {
  const environment = { use_influxdb_stats: true, influxdb_rollout_percent: 50, stats_compare: null };
  api.answers["config/stats-source"] = ok(aStatsSource({ influxdb_rollout_percent: 50, environment }));
  show("statistics");
  const percent = await screen.findByLabelText(/Share of clients/);
  expect(screen.getByRole("radio", { name: "The services" })).toBeEnabled();
  fireEvent.change(percent, { target: { value: "51" } });
  await userEvent.click(screen.getByRole("button", { name: "Save…" }));
  expect(screen.getByRole("alert")).toHaveTextContent("Enter at most 50");
  fireEvent.change(percent, { target: { value: "10" } });
  await userEvent.click(screen.getByRole("button", { name: "Save…" }));
  expect(screen.getByRole("dialog")).toHaveTextContent("10 % of the clients");
});

test("a new token's secret is shown once, and can be copied", async () => {
  const user = userEvent.setup();
  const copied = vi.spyOn(navigator.clipboard, "writeText");
  show("access");
  const form = within(await screen.findByRole("form", { name: "Create token" }));
  await user.type(form.getByLabelText("Name"), "automation");
  await user.selectOptions(form.getByLabelText("Scope"), "operate");
  await user.selectOptions(form.getByLabelText("Expires"), "90d");
  api.answers["POST tokens"] = ok({ ...aToken({ name: "automation" }), token: "hai_secret" });
  await user.click(form.getByRole("button", { name: "Create token" }));
  expect(await form.findByLabelText("Secret of the token")).toHaveValue("hai_secret");
  expect(api.sent).toEqual([["POST", "tokens", { name: "automation", scope: "operate", expires_in: "90d" }]]);
  await user.click(form.getByRole("button", { name: "Copy the token" }));
  expect(copied).toHaveBeenCalledWith("hai_secret");
  await user.click(form.getByRole("button", { name: "Done" }));
  expect(screen.queryByDisplayValue("hai_secret")).toBeNull();
});

test("a token without a name is refused at its field", async () => {
  show("access");
  await userEvent.click(await screen.findByRole("button", { name: "Create token" }));
  expect(screen.getByRole("alert")).toHaveTextContent("Enter a name.");
  expect(screen.getByLabelText("Name")).toHaveFocus();
  expect(api.sent).toEqual([]);
});

test("a token is revoked after a confirmation that names what else ends", async () => {
  const { container } = show("access");
  const tokens = within(await screen.findByRole("list", { name: "Tokens" }));
  expect(tokens.getByText(/never used · never expires/)).toBeInTheDocument();
  await screen.findByText("This browser");
  expect(await findViolations(container)).toEqual([]);
  await userEvent.click(tokens.getByRole("button", { name: "Revoke the token prometheus" }));
  const dialog = within(screen.getByRole("dialog", { name: "Revoke the token prometheus?" }));
  expect(dialog.getByText(/^1 session started with it ends, too/)).toBeInTheDocument();
  api.answers["DELETE tokens/3f9c01ab"] = failing("The tokens can't be kept");
  await userEvent.click(dialog.getByRole("button", { name: "Revoke" }));
  expect(await dialog.findByRole("alert")).toHaveTextContent("The tokens can't be kept");
  api.answers["DELETE tokens/3f9c01ab"] = () => new Response(null, { status: 204 });
  await userEvent.click(dialog.getByRole("button", { name: "Revoke" }));
  await vi.waitFor(() => {
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

test("sessions name their token; the own one is marked and signs out, another can be ended", async () => {
  show("access");
  const [own, other] = within(await screen.findByRole("list", { name: "Sessions" })).getAllByRole("listitem");
  if (!own || !other) throw new Error("two sessions were answered");
  expect(within(own).getByText("This browser")).toBeInTheDocument();
  expect(within(own).getByRole("button", { name: "Sign out" })).toBeInTheDocument();
  expect(await within(other).findByText(/by the token prometheus/)).toBeInTheDocument();
  await userEvent.click(within(other).getByRole("button", { name: "End the session prometheus (other)" }));
  api.answers["DELETE sessions/other"] = () => new Response(null, { status: 204 });
  await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "End" }));
  await vi.waitFor(() => {
    expect(api.sent).toEqual([["DELETE", "sessions/other", undefined]]);
  });
});

test("the audit log shows name, action and result, page by page", async () => {
  const { container, address } = show("audit");
  const [done, refused] = within(await screen.findByRole("list", { name: "Audit log" })).getAllByRole("listitem");
  expect(done).toHaveTextContent("Change filters");
  expect(done).toHaveTextContent("token 3f9c01ab (automation) · 192.0.2.7");
  expect(done).toHaveTextContent("Done");
  expect(refused).toHaveTextContent("Refused (403)");
  expect(await findViolations(container)).toEqual([]);
  await userEvent.click(screen.getByRole("link", { name: "Older" }));
  expect(address()).toBe("/settings?view=audit&cursor=older");
});

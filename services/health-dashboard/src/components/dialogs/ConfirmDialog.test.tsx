import { ConfirmDialog } from "@/components/dialogs/ConfirmDialog";
import { findViolations } from "@/test/findViolations";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

function show(change: { readonly error?: string; readonly isPending?: boolean } = {}) {
  const [onConfirm, onCancel] = [vi.fn(), vi.fn()];
  const { container } = render(
    <ConfirmDialog title="Revoke it?" confirm="Revoke" onConfirm={onConfirm} onCancel={onCancel} {...change}>
      <p>For good.</p>
    </ConfirmDialog>,
  );
  return { onConfirm, onCancel, container };
}

test("nothing happens until it is confirmed", async () => {
  const { onConfirm, onCancel, container } = show();
  expect(screen.getByRole("dialog", { name: "Revoke it?" })).toHaveTextContent("For good.");
  expect(await findViolations(container)).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Revoke" }));
  expect([onConfirm.mock.calls.length, onCancel.mock.calls.length]).toEqual([1, 0]);
});

test("Escape and Cancel change nothing", async () => {
  const { onConfirm, onCancel } = show();
  fireEvent(screen.getByRole("dialog"), new Event("cancel", { cancelable: true })); // what a browser does on Escape
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect([onConfirm.mock.calls.length, onCancel.mock.calls.length]).toEqual([0, 2]);
});

test("an error is announced, and a change in flight is not sent twice", async () => {
  const { onConfirm } = show({ error: "It cannot be kept", isPending: true });
  expect(screen.getByRole("alert")).toHaveTextContent("It cannot be kept");
  await userEvent.click(screen.getByRole("button", { name: "Revoke" }));
  expect(onConfirm).not.toHaveBeenCalled();
});

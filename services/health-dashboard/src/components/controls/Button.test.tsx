import { Button } from "@/components/controls/Button";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

test("a disabled button keeps the focus, and does nothing", async () => {
  const onClick = vi.fn();
  const onSubmit = vi.fn();
  const form = (isDisabled: boolean) => (
    <form onSubmit={onSubmit}>
      <Button type="submit" isDisabled={isDisabled} onClick={onClick}>
        Save
      </Button>
    </form>
  );
  const { rerender } = render(form(false));
  const button = screen.getByRole("button", { name: "Save" });
  button.focus();
  rerender(form(true));
  expect(button).toHaveFocus();
  expect(button).toHaveAttribute("aria-disabled", "true");
  await userEvent.click(button);
  await userEvent.keyboard("{Enter}");
  expect(onClick).not.toHaveBeenCalled();
  expect(onSubmit).not.toHaveBeenCalled();
});

test("when a focused button is removed its row gets the focus", () => {
  const row = (hasButton: boolean) => (
    <ul>
      <li data-testid="row">{hasButton && <Button>Acknowledge</Button>}</li>
    </ul>
  );
  const { rerender } = render(row(true));
  screen.getByRole("button").focus();
  rerender(row(false));
  expect(screen.getByTestId("row")).toHaveFocus();
});

test("removing a button without the focus does not move the focus", () => {
  const page = (hasButton: boolean) => (
    <main>
      <input aria-label="Name" />
      {hasButton && <Button>Revoke</Button>}
    </main>
  );
  const { rerender } = render(page(true));
  screen.getByLabelText("Name").focus();
  rerender(page(false));
  expect(screen.getByLabelText("Name")).toHaveFocus();
});

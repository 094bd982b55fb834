/** Asks before a change that matters; the focus stays in it, and Escape leaves everything as it is. */
import { Button } from "@/components/Button";
import { dialogTexts } from "@/texts/dialog";
import * as Dialog from "@radix-ui/react-dialog";
import type { ReactNode } from "react";

interface ConfirmDialogProps {
  readonly title: string;
  readonly confirm: string;
  readonly kind?: "primary" | "danger";
  readonly isPending?: boolean;
  readonly error?: string | null;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
  /** What the change means. */
  readonly children: ReactNode;
}

export function ConfirmDialog(props: ConfirmDialogProps): ReactNode {
  const { title, confirm, kind = "primary", isPending = false, error = null, onConfirm, onCancel, children } = props;
  return (
    <Dialog.Root
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) onCancel();
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-1/2 left-1/2 z-50 w-[calc(100%-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 space-y-4 rounded-xl border border-line bg-surface p-5 shadow-card"
        >
          <Dialog.Title className="text-base font-semibold">{title}</Dialog.Title>
          <div className="space-y-2 text-sm text-ink-soft">{children}</div>
          {error !== null && (
            <p role="alert" className="text-sm text-bad">
              {error}
            </p>
          )}
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={onCancel}>{dialogTexts.cancel}</Button>
            <Button kind={kind} onClick={onConfirm} isDisabled={isPending}>
              {confirm}
            </Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Asks for confirmation of a change; Escape cancels. */
import { Button } from "@/components/controls/Button";
import { Modal } from "@/components/dialogs/Modal";
import { dialogTexts } from "@/texts/dialog";
import type { ReactNode } from "react";

interface ConfirmDialogProps {
  readonly title: string;
  readonly confirm: string;
  readonly kind?: "primary" | "danger";
  readonly isPending?: boolean;
  readonly error?: string | null;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
  /** Explains what the change means. */
  readonly children: ReactNode;
}

export function ConfirmDialog(props: ConfirmDialogProps): ReactNode {
  const { title, confirm, kind = "primary", isPending = false, error = null, onConfirm, onCancel, children } = props;
  return (
    <Modal title={title} onClose={onCancel}>
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
    </Modal>
  );
}

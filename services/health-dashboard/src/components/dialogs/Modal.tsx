/**
 * A modal dialog: the browser's own, which keeps the focus, closes on Escape and restores the focus. (Radix locks the scrolling of the page by an inline
 * style, which the content security policy forbids.)
 */
import { useId, useLayoutEffect, useRef, type ReactNode } from "react";

interface ModalProps {
  readonly title: string;
  readonly onClose: () => void;
  /** `palette`: near the top, wider, with a title only for screen readers, and closed by a click outside. */
  readonly look?: "dialog" | "palette";
  readonly children: ReactNode;
}

const LOOK = {
  dialog: "m-auto max-w-md space-y-4 p-5",
  palette: "mx-auto mt-[max(1rem,10dvh)] mb-auto max-w-xl overflow-hidden p-0",
};

export function Modal({ title, onClose, look = "dialog", children }: ModalProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => {
      opened?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (look === "palette" && event.target === event.currentTarget) onClose(); // a click on the backdrop has the dialog itself as target
      }}
      className={`w-[calc(100%-2rem)] rounded-xl border border-line bg-surface text-ink shadow-card backdrop:bg-shade ${LOOK[look]}`}
    >
      <h2 id={titleId} className={look === "palette" ? "sr-only" : "text-base font-semibold"}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}

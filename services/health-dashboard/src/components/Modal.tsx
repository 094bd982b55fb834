/**
 * A dialog above the page: the browser's own, which holds the focus, closes on Escape and gives the focus back. (Radix
 * locks the scrolling of the page by an inline style, which the content security policy forbids.)
 */
import { useId, useLayoutEffect, useRef, type ReactNode } from "react";

interface ModalProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Modal({ title, onClose, children }: ModalProps): ReactNode {
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
      className="m-auto w-[calc(100%-2rem)] max-w-md space-y-4 rounded-xl border border-line bg-surface p-5 text-ink shadow-card backdrop:bg-shade"
    >
      <h2 id={titleId} className="text-base font-semibold">
        {title}
      </h2>
      {children}
    </dialog>
  );
}

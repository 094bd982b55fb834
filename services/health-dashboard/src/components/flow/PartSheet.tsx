/** The details of a part on a phone: a sheet over the lower part of the page. */
import { Button } from "@/components/controls/Button";
import { flowTexts } from "@/texts/flow";
import * as Dialog from "@radix-ui/react-dialog";
import { useState, type ReactNode } from "react";

interface PartSheetProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function PartSheet({ title, onClose, children }: PartSheetProps): ReactNode {
  const [opener] = useState(() => document.activeElement);
  return (
    <Dialog.Root
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Dialog.Portal>
        {/* Not Dialog.Overlay: it writes a <style> element, which the Content-Security-Policy blocks. */}
        <div className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={() => {
            if (opener instanceof HTMLElement) opener.focus(); // Radix would look for its own trigger element
          }}
          className="fixed inset-x-0 bottom-0 z-50 max-h-[85dvh] overflow-y-auto overscroll-contain rounded-t-2xl border-t border-line bg-surface px-5 pt-3 pb-[calc(1.5rem+env(safe-area-inset-bottom))] shadow-card outline-none"
        >
          <div className="sticky -top-3 -mx-5 -mt-3 mb-3 flex items-center justify-between gap-4 border-b border-line bg-surface px-5 py-3">
            <Dialog.Title className="text-sm font-semibold">{title}</Dialog.Title>
            <Button icon="cross" onClick={onClose}>
              {flowTexts.close}
            </Button>
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

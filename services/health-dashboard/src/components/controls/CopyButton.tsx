/** Copies a text to the clipboard. If the browser does not allow it, the text beside it can be selected. */
import { Button } from "@/components/controls/Button";
import { dialogTexts } from "@/texts/dialog";
import { useState, type ReactNode } from "react";

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for screen readers. */
  readonly what: string;
}

export function CopyButton({ text, what }: CopyButtonProps): ReactNode {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text); // undefined on a page loaded over plain HTTP from another host
      setState("copied");
    } catch {
      setState("failed");
    }
  };
  return (
    <>
      <Button label={dialogTexts.copyWhat(what)} icon={state === "copied" ? "check" : "copy"} onClick={() => void copy()}>
        {state === "copied" ? dialogTexts.copied : dialogTexts.copy}
      </Button>
      <span role="status" className={state === "failed" ? "text-xs text-warn" : "sr-only"}>
        {state === "copied" && dialogTexts.copied}
        {state === "failed" && dialogTexts.copyFailed}
      </span>
    </>
  );
}

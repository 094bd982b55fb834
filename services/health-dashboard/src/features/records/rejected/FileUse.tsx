/** Size and limit of the file of rejected events. */
import { Notice } from "@/components/signs/Notice";
import { ProgressBar } from "@/components/signs/ProgressBar";
import { rejectedTexts as texts } from "@/texts/records";
import type { RejectedFileAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { formatBytes } from "@/utils/format/formatBytes";
import { useId, type ReactNode } from "react";

export function FileUse({ file: { data, error } }: { readonly file: Loadable<RejectedFileAnswer> }): ReactNode {
  const id = useId();
  if (data === undefined && error === null) return null;
  const { bytes, limit_bytes: limit, last_error: problem } = data ?? { bytes: null, limit_bytes: null, last_error: null };
  if (bytes === null || limit === null) return <p className="px-5 py-3 text-sm text-ink-faint">{texts.fileUnknown}</p>;
  return (
    <div className="space-y-2 px-5 py-3">
      <p id={id} className="text-xs font-medium text-ink-soft">
        {texts.file}
      </p>
      <ProgressBar percent={Math.min(100, (100 * bytes) / limit)} labelledBy={id} />
      <p className="text-xs text-ink-faint">{texts.fileUse(formatBytes(bytes), formatBytes(limit))}</p>
      {problem !== null && (
        <Notice tone="bad" icon="alert">
          {texts.fileError(problem)}
        </Notice>
      )}
    </div>
  );
}

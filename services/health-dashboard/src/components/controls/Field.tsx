/** A labelled form input with a hint and an error, which is announced when the form is submitted. */
import { useId, type ReactNode } from "react";

/** The attributes that link an input with its hint and error for screen readers. */
export interface FieldInput {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": boolean;
  readonly className: string;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | null | undefined;
  readonly className?: string;
  readonly children: (input: FieldInput) => ReactNode;
}

const INPUT =
  "block w-full min-h-9 rounded-lg border border-line-strong bg-ground px-2.5 py-1.5 text-sm text-ink " +
  "placeholder:text-ink-faint aria-invalid:border-bad disabled:opacity-60";

export function Field({ label, hint, error = null, className = "", children }: FieldProps): ReactNode {
  const [id, hintId, errorId] = [useId(), useId(), useId()];
  const describedBy = [error === null ? null : errorId, hint === undefined ? null : hintId].filter((each) => each !== null).join(" ");
  return (
    <div className={`space-y-1 ${className}`}>
      <label htmlFor={id} className="block text-xs font-medium text-ink-soft">
        {label}
      </label>
      {children({ id, "aria-describedby": describedBy || undefined, "aria-invalid": error !== null, className: INPUT })}
      {error !== null && (
        <p id={errorId} role="alert" className="text-xs text-bad">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={hintId} className="text-xs text-ink-faint">
          {hint}
        </p>
      )}
    </div>
  );
}

/** Fields in two columns: as Home Assistant sent them and as stored, with the kind of conversion. */
import type { ComparedField, FieldKind } from "@/features/tap/compareTapped";
import { tapTexts as texts } from "@/texts/tap";
import type { ReactNode } from "react";

const MARK: Readonly<Record<FieldKind, string>> = {
  same: "text-ink-faint",
  changed: "bg-warn-soft text-warn",
  derived: "bg-accent-soft text-accent",
  added: "bg-good-soft text-good",
  leftOut: "text-ink-faint",
};
const EDGE: Readonly<Record<FieldKind, string>> = {
  same: "border-l-transparent",
  changed: "border-l-warn",
  derived: "border-l-accent",
  added: "border-l-good",
  leftOut: "border-l-transparent",
};

interface FieldRowsProps {
  readonly fields: readonly ComparedField[];
  /** Whether each field shows its kind; if all have the same kind, the heading shows it. */
  readonly isLabelled?: boolean;
}

export function FieldRows({ fields, isLabelled = false }: FieldRowsProps): ReactNode {
  if (fields.length === 0) return null;
  return (
    <table className="block w-full overflow-hidden rounded-md border border-line bg-surface text-xs md:table md:table-fixed">
      <thead className="max-md:sr-only">
        <tr className="border-b border-line text-left text-ink-faint">
          <th scope="col" className="w-52 px-3 py-1.5 font-medium">{texts.field}</th>
          <th scope="col" className="px-3 py-1.5 font-medium">{texts.sent}</th>
          <th scope="col" className="px-3 py-1.5 font-medium">{texts.stored}</th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line max-md:block">
        {fields.map((field) => (
          <tr key={field.name} className={`border-l-2 align-top max-md:grid max-md:grid-cols-2 ${EDGE[field.kind]}`}>
            <th scope="row" className="px-3 py-1.5 text-left font-medium [overflow-wrap:anywhere] max-md:col-span-2">
              {field.name}{" "}
              {isLabelled && (
                <span title={texts.kindHints[field.kind]} className={`ml-1 rounded px-1.5 py-0.5 font-normal ${MARK[field.kind]}`}>
                  {texts.kinds[field.kind]}
                </span>
              )}
            </th>
            <Value label={texts.sent} value={field.sent} otherwise={texts.nothingSent} />
            <Value label={texts.stored} value={field.stored} otherwise={texts.notStored} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ValueProps {
  readonly label: string;
  readonly value: unknown;
  readonly otherwise: string;
}

function Value({ label, value, otherwise }: ValueProps): ReactNode {
  return (
    <td className="px-3 py-1.5 font-mono [overflow-wrap:anywhere]">
      <span aria-hidden="true" className="block font-sans text-2xs text-ink-faint md:hidden">
        {label}
      </span>
      {value === undefined ? <span className="font-sans text-ink-faint">{otherwise}</span> : <bdi>{written(value)}</bdi>}
    </td>
  );
}

/** Format a value as JSON; an object has spaces after commas, so that it can be wrapped. */
function written(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
}

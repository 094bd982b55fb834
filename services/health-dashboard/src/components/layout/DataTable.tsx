/** A small table with a caption. Wide tables scroll horizontally. */
import { useId, type ReactNode } from "react";

export interface DataColumn {
  readonly label: string;
  readonly isNumber?: boolean;
}

interface DataTableProps {
  readonly caption: string;
  /** Whether the caption is only for screen readers, because a heading above has the same text. */
  readonly isCaptionHidden?: boolean;
  readonly columns: readonly DataColumn[];
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
}

export function DataTable({ caption, isCaptionHidden = false, columns, rows }: DataTableProps): ReactNode {
  const id = useId();
  const align = (column: DataColumn | undefined) => (column?.isNumber ? "text-right tabular-nums" : "text-left");
  return (
    <div>
      <p id={id} className={isCaptionHidden ? "sr-only" : "mb-1 text-xs font-semibold text-ink-soft"}>
        {caption}
      </p>
      <div role="region" aria-labelledby={id} tabIndex={0} className="overflow-x-auto">
        <table aria-labelledby={id} className="w-full text-sm">
          <thead>
            <tr className="border-b border-line">
              {columns.map((column) => (
                <th key={column.label} scope="col" className={`px-2 py-1.5 text-xs font-medium whitespace-nowrap text-ink-faint first:pl-0 last:pr-0 ${align(column)}`}>
                  {column.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rows.map(({ key, cells }) => (
              <tr key={key}>
                {cells.map((cell, at) => (
                  <td key={columns[at]?.label ?? at} className={`px-2 py-1.5 align-top first:pl-0 last:pr-0 ${align(columns[at])}`}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

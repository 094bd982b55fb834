/** One row a service; on narrow screens each becomes a block of labelled numbers. */
import { Icon } from "@/components/Icon";
import { SERVICE_COLUMNS, toServiceRow, type ServiceCell, type ServiceRow } from "@/features/services/serviceRow";
import { useNow } from "@/hooks/useNow";
import type { ServiceStats } from "@/types/api";
import type { ReactNode } from "react";

export function ServicesTable({ services }: { readonly services: readonly ServiceStats[] }): ReactNode {
  const nowMs = useNow();
  return (
    <table className="w-full text-sm max-md:block">
      <caption className="sr-only">Services</caption>
      <thead className="max-md:sr-only">
        <tr className="border-b border-line text-right text-xs text-ink-faint">
          <th scope="col" className="px-5 py-2.5 text-left font-medium">
            Service
          </th>
          {SERVICE_COLUMNS.map((label) => (
            <th key={label} scope="col" className="px-3 py-2.5 font-medium last:pr-5">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line max-md:block">
        {services.map((service) => (
          <Row key={service.service} row={toServiceRow(service, nowMs)} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row }: { readonly row: ServiceRow }): ReactNode {
  return (
    <tr className="max-md:grid max-md:grid-cols-3 max-md:gap-x-4 max-md:gap-y-3 max-md:px-5 max-md:py-4">
      <th scope="row" className="text-left font-medium max-md:col-span-3 md:px-5 md:py-3">
        {row.name}
        {row.duty !== "" && <span className="block text-xs font-normal text-ink-faint">{row.duty}</span>}
      </th>
      {row.cells.map((cell) => (
        <Cell key={cell.label} cell={cell} />
      ))}
    </tr>
  );
}

function Cell({ cell }: { readonly cell: ServiceCell }): ReactNode {
  return (
    <td className="whitespace-nowrap md:px-3 md:py-3 md:text-right md:last:pr-5">
      <span className="block text-xs text-ink-faint md:hidden">{cell.label}</span>
      <span className={cell.isWarning ? "inline-flex items-center gap-1.5 font-medium text-warn" : ""}>
        {cell.isWarning && <Icon name="alert" className="size-3.5" />}
        {cell.text}
      </span>
    </td>
  );
}

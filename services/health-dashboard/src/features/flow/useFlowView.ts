/** The view of the data flow, kept in the address: graph or table, and the selected part. */
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { useCallback } from "react";

const PART = "part";
const VIEW = "view";

export type FlowView = "graph" | "table";

interface FlowViewState {
  readonly view: FlowView;
  readonly selected: string | null;
  readonly setView: (view: FlowView) => void;
  readonly select: (part: string | null) => void;
}

/** Return the view of the address, and a function that changes it. */
export function useFlowView(): FlowViewState {
  const [parameters, setParameters] = useSearchParams();
  const set = useCallback(
    (name: string, value: string | null) => {
      setParameters(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === null) after.delete(name);
          else after.set(name, value);
          return after;
        },
        { replace: true },
      );
    },
    [setParameters],
  );
  return {
    view: parameters.get(VIEW) === "table" ? "table" : "graph",
    selected: parameters.get(PART),
    setView: (view) => {
      set(VIEW, view === "graph" ? null : view);
    },
    select: useCallback(
      (part: string | null) => {
        set(PART, part);
      },
      [set],
    ),
  };
}

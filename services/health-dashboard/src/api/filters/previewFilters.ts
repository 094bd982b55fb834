/** `POST /filters/preview`: the events that given filters would drop. Changes nothing. */
import { changeJson } from "@/lib/http";
import type { FilterPreviewAnswer, Filters } from "@/types/api";
import { useMutation, type UseMutationResult } from "@tanstack/react-query";

interface PreviewQuestion {
  readonly filters: Filters;
  readonly period: string;
}

/** Request a preview. */
export function usePreviewFilters(): UseMutationResult<FilterPreviewAnswer, Error, PreviewQuestion> {
  return useMutation({
    mutationFn: ({ filters, period }) => changeJson<FilterPreviewAnswer>("POST", "filters/preview", filters, { period }),
  });
}

/** `POST /filters/preview`: what filters would have left out; nothing is changed. */
import { changeJson } from "@/lib/http";
import type { FilterPreviewAnswer, Filters } from "@/types/api";
import { useMutation, type UseMutationResult } from "@tanstack/react-query";

interface PreviewQuestion {
  readonly filters: Filters;
  readonly period: string;
}

/** Asks for it. */
export function usePreviewFilters(): UseMutationResult<FilterPreviewAnswer, Error, PreviewQuestion> {
  return useMutation({
    mutationFn: ({ filters, period }) => changeJson<FilterPreviewAnswer>("POST", "filters/preview", filters, { period }),
  });
}

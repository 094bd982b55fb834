/** `POST /alerts/{id}/acknowledge`: somebody knows of it. */
import { putAlert } from "@/api/alerts/getAlerts";
import { postJson } from "@/lib/http";
import type { Alert } from "@/types/api";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

/** Tells it once; the alert as it is now. */
export function acknowledgeAlert(id: string): Promise<Alert> {
  return postJson(`alerts/${encodeURIComponent(id)}/acknowledge`);
}

/** Tells it, and shows it at once. */
export function useAcknowledge(): UseMutationResult<Alert, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: acknowledgeAlert,
    onSuccess: (known) => {
      putAlert(queries, known);
    },
  });
}

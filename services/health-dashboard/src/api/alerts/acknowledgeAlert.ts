/** `POST /alerts/{id}/acknowledge`: acknowledge an alert. */
import { putAlert } from "@/api/alerts/getAlerts";
import { postJson } from "@/lib/http";
import type { Alert } from "@/types/api";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

/** Acknowledge an alert and return it as it is now. */
export function acknowledgeAlert(id: string): Promise<Alert> {
  return postJson(`alerts/${encodeURIComponent(id)}/acknowledge`);
}

/** Acknowledge an alert and update it in the cache. */
export function useAcknowledge(): UseMutationResult<Alert, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: acknowledgeAlert,
    onSuccess: (known) => {
      putAlert(queries, known);
    },
  });
}

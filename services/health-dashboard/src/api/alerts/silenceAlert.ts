/** `POST` and `DELETE /alerts/{id}/silence`: silence the notifications of an alert. */
import { alertsOptions, putAlert } from "@/api/alerts/getAlerts";
import { changeJson, sendJson } from "@/lib/http";
import type { Alert } from "@/types/api";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

interface Silence {
  readonly id: string;
  /** A duration such as `8h`; null ends the silence. */
  readonly duration: string | null;
}

/** Silence an alert or end its silence, and update it in the cache. */
export function useSilence(): UseMutationResult<Alert | null, Error, Silence> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, duration }: Silence) => {
      const path = `alerts/${encodeURIComponent(id)}/silence`;
      if (duration !== null) return changeJson<Alert>("POST", path, { duration });
      await sendJson("DELETE", path);
      return null;
    },
    onSuccess: (changed) => {
      if (changed) putAlert(queries, changed);
      else void queries.invalidateQueries({ queryKey: alertsOptions().queryKey });
    },
  });
}

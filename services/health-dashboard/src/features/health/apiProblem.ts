/** Describes why `/health` has no answer. */
import type { Problem } from "@/features/health/problem";
import { ApiError } from "@/lib/http";
import type { HealthAnswer } from "@/types/api";
import { API_ERROR, API_REFUSES, LIMITED, SIGNED_OUT, UNREACHABLE } from "@/texts/situation";

/** Return the problem of a failed request of `/health`; `deployment` is from the last answer. */
export function apiProblem(error: Error, deployment: HealthAnswer["deployment"] | null, lastAnswerMs: number | null): Problem {
  const common = {
    tone: "bad" as const,
    since: lastAnswerMs === null ? null : { label: UNREACHABLE.since, ms: lastAnswerMs },
    runbook: null,
    reason: error.message,
  };
  const status = error instanceof ApiError ? error.status : null;
  if (status === 0) {
    const { headline, action, capture } = UNREACHABLE;
    return { ...common, kind: "unreachable", headline, text: capture[deployment ?? "unknown"], action };
  }
  if (status === 401) return { ...common, kind: "signed_out", tone: "neutral", ...SIGNED_OUT, action: null };
  if (status === 403 || status === 421) return { ...common, kind: "api_refuses", ...API_REFUSES };
  if (status === 429) return { ...common, kind: "limited", tone: "warn", ...LIMITED };
  return { ...common, kind: "api_error", ...API_ERROR };
}

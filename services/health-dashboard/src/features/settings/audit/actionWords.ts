/** Describes an action of the audit log. */
import { auditTexts as texts } from "@/texts/settings";

/** `PUT /api/v1/filters` → `Change filters`; an unknown action is returned unchanged. */
export function actionWords(action: string): string {
  const [method = "", path = ""] = action.split(" ");
  const parts = path.replace(/^\/api\/v1\//, "").split("/");
  for (const [pattern, words] of Object.entries(texts.actions)) {
    const [wantedMethod, wantedPath = ""] = pattern.split(" ");
    const wanted = wantedPath.split("/");
    const fits = wanted.length === parts.length && wanted.every((part, at) => part === "{id}" || part === parts[at]);
    if (method === wantedMethod && fits) return words;
  }
  return action;
}

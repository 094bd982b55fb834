/** The reason of a rejection in words. */
import { rejectedTexts as texts } from "@/texts/records";

/** Return what a key means; one that is not known is itself, readable. */
export function reasonWords(key: string): string {
  return texts.keys[key] ?? texts.unknownKey(key);
}

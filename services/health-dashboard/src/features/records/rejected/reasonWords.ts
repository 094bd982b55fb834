/** Describes the reason of a rejection. */
import { rejectedTexts as texts } from "@/texts/records";

/** Return the text of a key; an unknown key is returned in readable form. */
export function reasonWords(key: string): string {
  return texts.keys[key] ?? texts.unknownKey(key);
}

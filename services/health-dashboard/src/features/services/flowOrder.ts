/** Sorts services in processing order; unknown ones last, by name. */
import { servicesTexts } from "@/texts/services";

const FLOW = Object.keys(servicesTexts.names);

export function inFlowOrder(names: Iterable<string>): string[] {
  const rank = (name: string) => (FLOW.includes(name) ? FLOW.indexOf(name) : FLOW.length);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

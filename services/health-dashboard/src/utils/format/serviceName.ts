/** The display name of a service, the store or a home. */
import { alertsTexts } from "@/texts/alerts";
import { servicesTexts } from "@/texts/services";

export function serviceName(service: string): string {
  return servicesTexts.names[service]?.[0] ?? alertsTexts.services[service] ?? service;
}

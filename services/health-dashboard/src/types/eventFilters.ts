/** Which events are wanted, by the names that the API and the page's address have for it; what is absent is any. */

export const EVENT_FILTERS = ["entity_id", "domain", "event_type", "area", "home"] as const;

export type EventFilterName = (typeof EVENT_FILTERS)[number];

export type EventFilters = Readonly<Partial<Record<EventFilterName, string>>>;

export const EVERY_EVENT: EventFilters = {};

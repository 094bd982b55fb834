/** Filters of events, with the names of the API and of the address; an absent filter matches everything. */

export const EVENT_FILTERS = ["entity_id", "domain", "event_type", "area", "home"] as const;

export type EventFilterName = (typeof EVENT_FILTERS)[number];

export type EventFilters = Readonly<Partial<Record<EventFilterName, string>>>;

export const EVERY_EVENT: EventFilters = {};

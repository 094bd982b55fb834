/** The Admin API's answers by name, out of the generated schema. */
import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type StatsAnswer = Schemas["StatsAnswer"];
export type ServiceStats = Schemas["ServiceStats"];
export type StatsSource = Schemas["StatsSource"];
export type AlertsAnswer = Schemas["AlertsAnswer"];
export type Alert = Schemas["Alert"];
export type TrendPoint = Schemas["TrendPoint"];
export type BusiestAnswer = Schemas["BusiestAnswer"];
export type BusyEntity = Schemas["BusyEntity"];
export type EventsAnswer = Schemas["EventsAnswer"];
export type HomeEvent = Schemas["Event"];
export type Backfill = Schemas["Backfill"];
export type BackfillAnswer = Schemas["BackfillAnswer"];
export type SilentAnswer = Schemas["SilentAnswer"];
export type SilentEntity = Schemas["SilentEntity"];
export type GapsAnswer = Schemas["GapsAnswer"];
export type Gap = Schemas["Gap"];
export type RejectedAnswer = Schemas["RejectedAnswer"];
export type RejectedEvent = Schemas["RejectedEvent"];
export type HealthAnswer = Schemas["HealthAnswer"];
export type ConnectionState = Schemas["ConnectionState"];
export type StreamStatistics = Schemas["StreamStatistics"];
export type SessionAnswer = Schemas["SessionAnswer"];
export type ErrorAnswer = Schemas["ErrorAnswer"];

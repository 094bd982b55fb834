/**
 * Positions of the parts. Wide: capture runs to the right, queries return to the left, and the store is a tank at the right end.
 * Narrow: one column in processing order, with a gutter on both sides for lines that skip a part.
 */
import type { PartKind } from "@/types/flow";
import type { Box } from "@/utils/flow/geometry";

export interface Placeable {
  readonly id: string;
  readonly kind: PartKind;
}

export interface FlowLayout {
  readonly shape: "wide" | "narrow";
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
}

/** From this width on, four columns leave space for a label between two boxes. */
export const WIDE_FROM = 840;
export const GUTTER = 30;

const WIDE = { source: 72, service: 118, gap: 16, lanes: 92, weatherGap: 44 };
const NARROW = { source: 64, service: 72, gap: 12, rows: 48, widest: 460 };

type Slot = "home" | "weather" | "ingestion" | "pipeline" | "store" | "admin" | "client" | "other";

const SERVICE_SLOTS: Readonly<Record<string, Slot>> = {
  "websocket-ingestion": "ingestion",
  "enrichment-pipeline": "pipeline",
  "admin-api": "admin",
};

/** Return the position of every part for a width. */
export function layoutFlow(parts: readonly Placeable[], width: number): FlowLayout {
  return width >= WIDE_FROM ? layoutWide(parts, width) : layoutNarrow(parts, width);
}

function layoutWide(parts: readonly Placeable[], width: number): FlowLayout {
  const boxWidth = Math.min(208, Math.max(162, Math.round(width * 0.175)));
  const column = (at: number) => Math.round((at * (width - boxWidth)) / 3);
  const of = bySlot(parts);
  const homes = of("home");
  const { source, service, gap, lanes, weatherGap } = WIDE;

  const homesHeight = homes.length * (source + gap) - gap;
  const weatherHeight = of("weather").length > 0 ? source + weatherGap : 0;
  const first = Math.max(weatherHeight, Math.ceil((homesHeight - service) / 2));
  const second = first + service + lanes;
  const homesTop = first + (service - homesHeight) / 2;
  const homesBottom = homesTop + homesHeight;

  const boxes = new Map<string, Box>();
  const put = (slot: Slot, at: number, y: number, height: number) => {
    of(slot).forEach((id, row) => boxes.set(id, { x: column(at), y: y + row * (height + gap), width: boxWidth, height }));
  };
  put("home", 0, homesTop, source);
  put("weather", 2, 0, source);
  put("ingestion", 1, first, service);
  put("pipeline", 2, first, service);
  put("store", 3, first, second + service - first);
  put("admin", 2, second, service);
  put("client", homesBottom + gap <= second ? 0 : 1, second, service);
  of("other").forEach((id, at) => boxes.set(id, { x: column(at % 4), y: second + (1 + Math.floor(at / 4)) * (service + gap), width: boxWidth, height: service }));
  return { shape: "wide", height: bottomOf(boxes), boxes };
}

function layoutNarrow(parts: readonly Placeable[], width: number): FlowLayout {
  const { source, service, gap, rows, widest } = NARROW;
  const inner = Math.min(width, widest) - 2 * GUTTER;
  const left = Math.round((width - inner) / 2);
  const of = bySlot(parts);
  const boxes = new Map<string, Box>();
  let y = 0;
  const sources = [...of("weather"), ...of("home")];
  for (const id of sources) {
    boxes.set(id, { x: left, y, width: inner, height: source });
    y += source + (id === sources.at(-1) ? rows : gap);
  }
  for (const slot of ["ingestion", "pipeline", "store", "admin", "client", "other"] as const) {
    for (const id of of(slot)) {
      boxes.set(id, { x: left, y, width: inner, height: service });
      y += service + rows;
    }
  }
  return { shape: "narrow", height: bottomOf(boxes), boxes };
}

function bySlot(parts: readonly Placeable[]): (slot: Slot) => string[] {
  return (slot) => parts.filter((part) => slotOf(part) === slot).map(({ id }) => id);
}

function slotOf({ id, kind }: Placeable): Slot {
  if (kind === "source") return id === "weather" ? "weather" : "home";
  return kind === "service" ? (SERVICE_SLOTS[id] ?? "other") : kind;
}

function bottomOf(boxes: ReadonlyMap<string, Box>): number {
  return Math.max(0, ...[...boxes.values()].map(({ y, height }) => y + height));
}

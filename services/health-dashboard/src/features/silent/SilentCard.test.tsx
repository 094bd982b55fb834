import { SilentCard } from "@/features/silent/SilentCard";
import { findViolations } from "@/test/findViolations";
import { aHealthAnswer, aSilentAnswer, aSilentEntity } from "@/test/fixtures";
import type { HealthAnswer, SilentAnswer } from "@/types/api";
import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

function show(data: SilentAnswer | undefined, health: HealthAnswer | undefined = aHealthAnswer()): Element {
  const silent = { data, error: null, retry: () => undefined };
  return render(<SilentCard silent={silent} health={health} />).container;
}

function refusing(...reasons: (string | null)[]): HealthAnswer {
  const [home] = aHealthAnswer().homes;
  if (home === undefined) throw new Error("no home");
  return aHealthAnswer({ homes: reasons.map((signs_of_life_refusal, at) => ({ ...home, home: `home${at}`, signs_of_life_refusal })) });
}

test("without silent sensors there is no card", () => {
  expect(show(aSilentAnswer([aSilentEntity({ entity_id: "light.attic" })])).innerHTML).toBe("");
  expect(show(undefined, undefined).innerHTML).toBe("");
});

test("silent sensors come with their silence and their rhythm, and no lights", async () => {
  const container = show(aSilentAnswer([aSilentEntity(), aSilentEntity({ entity_id: "light.attic" }), aSilentEntity({ entity_id: "binary_sensor.door", usual_interval_s: null })]));
  const list = within(screen.getByRole("list", { name: "Silent sensors" }));
  expect(list.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "sensor.attic_temperaturesilent for 5 h, usually 10 min",
    "binary_sensor.doorsilent for 5 h",
  ]);
  expect(screen.queryByText(/changes alone/)).toBeNull();
  expect(await findViolations(container)).toEqual([]);
});

test("many are cut, and counted", () => {
  show(aSilentAnswer(Array.from({ length: 9 }, (_, at) => aSilentEntity({ entity_id: `sensor.s${at}` }))));
  expect(screen.getByText("and 3 more")).toBeInTheDocument();
});

test("without signs of life the list explains how silence is detected", async () => {
  const container = show(aSilentAnswer([aSilentEntity()]), refusing("Unauthorized"));
  expect(screen.getByText(/^Silence is detected by state changes only, .*\.$/)).not.toHaveTextContent("Unauthorized");
  expect(screen.getByText("Unauthorized").closest("details")).toBeInTheDocument();
  expect(screen.getByText("sensor.attic_temperature")).toBeInTheDocument();
  expect(await findViolations(container)).toEqual([]);
});

test("for several homes it names the home without signs of life, also without silent sensors", () => {
  show(aSilentAnswer(), refusing(null, "Unauthorized"));
  expect(screen.getByText(/^home1: Silence is detected by state changes only/)).toBeInTheDocument();
  expect(screen.getByText("No sensor is silent")).toBeInTheDocument();
});

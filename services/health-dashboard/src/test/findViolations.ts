/** What axe finds wrong, by rule; contrast is left out (jsdom draws nothing; tokens.test.ts has it). */
import axe from "axe-core";

export async function findViolations(element: Element): Promise<string[]> {
  const results = await axe.run(element, { rules: { "color-contrast": { enabled: false } } });
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`);
}

/** The violations found by axe, by rule; contrast is excluded (jsdom does not render; tokens.test.ts checks it). */
import axe from "axe-core";

export async function findViolations(element: Element): Promise<string[]> {
  const results = await axe.run(element, { rules: { "color-contrast": { enabled: false } } });
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`);
}

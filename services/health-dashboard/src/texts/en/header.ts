/** Texts of the header. */

export const headerTexts = {
  name: "HA Ingestor",
  demo: "Demo home",
  demoTitle: "A simulated home. Set HA_URL and HA_TOKEN to capture your own.",
  homes: (count: number) => `${count} homes`,
};

/** Texts of the palette. */
export const paletteTexts = {
  open: "Search",
  title: "Search",
  placeholder: "Search entities, pages and alerts",
  entities: "Entities",
  pages: "Pages",
  alerts: "Active alerts",
  searching: "Searching",
  nothing: "Nothing found",
  failed: "Entities cannot be searched at the moment",
  keys: "Use the arrow keys to choose, Enter to open, Escape to close.",
};

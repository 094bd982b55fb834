/** Texts of paged lists. */
export const pagerTexts = {
  label: "Pages of this list",
  newest: "Newest",
  older: "Older",
  first: "First page",
  next: "Next page",
};

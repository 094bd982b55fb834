/** Texts of dialogs and buttons shared by several pages. */
export const dialogTexts = {
  cancel: "Cancel",
  copy: "Copy",
  copied: "Copied",
  copyWhat: (what: string) => `Copy ${what}`,
  copyFailed: "The browser does not allow copying here. Select the text instead.",
};

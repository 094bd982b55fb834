/** Dialogs and buttons that many pages share. */
export const dialogTexts = {
  cancel: "Cancel",
  copy: "Copy",
  copied: "Copied",
  copyWhat: (what: string) => `Copy ${what}`,
  copyFailed: "The browser does not allow copying here. Select the text instead.",
};

/** Where a runbook is; a path of the API is relative to the page, so that a proxy's sub-path is kept. */
export function runbookUrl(runbook: string): string {
  return new URL(runbook.replace(/^\/+/, ""), document.baseURI).href;
}

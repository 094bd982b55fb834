/** The URL of a runbook. A path of the API is relative to the page, so that the prefix of a proxy is kept. */
export function runbookUrl(runbook: string): string {
  return new URL(runbook.replace(/^\/+/, ""), document.baseURI).href;
}

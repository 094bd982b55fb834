// Prints, for each address given after the path of Chromium, a line of JSON: its scores, and the audits that lost points.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

// As a desktop of a home loads it. Its stream of events never ends, so that the network is never quiet: it waits no longer.
const config = {
  extends: "lighthouse:default",
  settings: {
    onlyCategories: ["performance", "accessibility", "best-practices"],
    formFactor: "desktop",
    screenEmulation: { mobile: false, width: 1280, height: 900, deviceScaleFactor: 1, disabled: false },
    throttling: { rttMs: 40, throughputKbps: 10_240, cpuSlowdownMultiplier: 1 },
    maxWaitForLoad: 6_000,
    disableFullPageScreenshot: true,
  },
};

const [chromePath, ...addresses] = process.argv.slice(2);
const chromeFlags = ["--headless=new", "--disable-gpu", "--disable-quic"];
if (process.getuid() === 0) chromeFlags.push("--no-sandbox");
const chrome = await launch({ chromePath, chromeFlags, logLevel: "silent" });
try {
  for (const url of addresses) {
    const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: "silent" }, config);
    console.log(JSON.stringify({ path: new URL(url).pathname, scores: scoresOf(lhr), lost: lostIn(lhr) }));
  }
} finally {
  await chrome.kill();
}

function scoresOf(lhr) {
  return Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, Math.round(score * 100)]));
}

function lostIn(lhr) {
  const { accessibility, "best-practices": practices } = lhr.categories;
  const audits = [...accessibility.auditRefs, ...practices.auditRefs].filter(({ weight }) => weight > 0);
  return audits
    .filter(({ id }) => (lhr.audits[id].score ?? 1) < 1)
    .map(({ id }) => ({ id, items: (lhr.audits[id].details?.items ?? []).slice(0, 3) }));
}

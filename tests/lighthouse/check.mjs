// Prints, for each address given after the path of Chromium, a line of JSON: its scores, and the audits that lost points
// or could not be measured.
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

const ATTEMPTS = 3;
const [chromePath, ...addresses] = process.argv.slice(2);
const chromeFlags = ["--headless=new", "--disable-gpu", "--disable-quic"];
if (process.getuid() === 0) chromeFlags.push("--no-sandbox");
const chrome = await launch({ chromePath, chromeFlags, logLevel: "silent" });
try {
  for (const url of addresses) {
    const lhr = await measure(url);
    console.log(JSON.stringify({ path: new URL(url).pathname, scores: scoresOf(lhr), lost: lostIn(lhr) }));
  }
} finally {
  await chrome.kill();
}

// A score that is missing is none: on a busy machine an audit may fail to measure, and is made again.
async function measure(url) {
  for (let attempt = 1; ; attempt++) {
    const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: "silent" }, config);
    const isWhole = Object.values(lhr.categories).every(({ score }) => score !== null);
    if (isWhole || attempt === ATTEMPTS) return lhr;
  }
}

function scoresOf(lhr) {
  return Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, Math.round(score * 100)]));
}

function lostIn(lhr) {
  const failed = Object.values(lhr.audits).filter(({ scoreDisplayMode }) => scoreDisplayMode === "error");
  const unmeasured = failed.map(({ id, errorMessage }) => ({ id, errorMessage }));
  const { accessibility, "best-practices": practices } = lhr.categories;
  const audits = [...accessibility.auditRefs, ...practices.auditRefs].filter(({ weight }) => weight > 0);
  const lost = audits
    .filter(({ id }) => (lhr.audits[id].score ?? 1) < 1)
    .map(({ id }) => ({ id, items: (lhr.audits[id].details?.items ?? []).slice(0, 3) }));
  return [...lost, ...unmeasured];
}

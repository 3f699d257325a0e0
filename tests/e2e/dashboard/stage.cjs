// What those who play a person with the dashboard have in common: the daemon's API, a browser, axe, pictures, and the
// faults that nobody may make.
// usage: TOKEN=… node PLAY.cjs URL SHOTS
const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { chromium } = require("playwright-core");

const [base, shots] = process.argv.slice(2);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const faults = [];
let name = "", steps = 0;

async function api(path, body, token = process.env.TOKEN, more = {}) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...more };
  const response = await fetch(base + path, body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) });
  assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
  return response.json();
}

const submit = (model, input, more = {}) => api("/v1/jobs", { model, input, ...more });

function watch(page) {
  page.on("console", (m) => m.type() === "error" && !/status of 4\d\d|ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING)/.test(m.text()) && faults.push(m.text()));
  page.on("pageerror", (error) => faults.push(String(error.stack)));
  page.on("request", (r) => !/^(blob|data):/.test(r.url()) && new URL(r.url()).origin !== base && faults.push(`asked ${r.url()}`));
}

const launch = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: process.getuid() === 0 ? ["--no-sandbox"] : [] });

// A window of its own, in which a token was given already.
async function enter(browser, token = process.env.TOKEN) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(8000);
  await context.addInitScript((text) => sessionStorage.setItem("genqd_token", text), token);
  const page = await context.newPage();
  watch(page);
  return { context, page };
}

async function shot(page, what) {
  await page.screenshot({ path: join(shots, `${name}-${String(++steps).padStart(2, "0")}-${what}.png`) });
}

// The policy forbids inline scripts to the page, not to the debugger.
async function check(page, what) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    const text = found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html} ${n.failureSummary}`).join("\n  ")}`);
    if (text.length) faults.push(`axe, ${what}, ${scheme}:\n${text.join("\n")}`);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

const call = (title) => void (name = title);

function play(title, main) {
  call(title);
  const began = Date.now();
  main().then(() => {
    assert.deepEqual(faults, [], faults.join("\n\n"));
    console.log(`${name}: ${steps} pictures, no fault, ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }).catch((error) => {
    console.error(name, error.stack, faults.join("\n\n"));
    process.exit(1);
  });
}

module.exports = { api, base, call, check, enter, faults, launch, play, shot, shots, submit, watch };

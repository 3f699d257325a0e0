// What scripts of several steps share: a page for each step, a look by axe in light and dark with a picture, the form.
const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { chromium } = require("playwright-core");

const [base, shots] = process.argv.slice(2);
const token = process.env.TOKEN;
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
const faults = [];
let script = "", taken = 0;

async function api(path, body) {
  const response = await fetch(base + path, body === undefined ? { headers } : { method: "POST", headers: { ...headers, Prefer: "wait=30" }, body: JSON.stringify(body) });
  assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
  return response.json();
}

async function check(page, name) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    for (const one of violations) faults.push(`axe, ${name}, ${scheme}: ${one.id}: ${one.nodes.slice(0, 3).map((n) => `${n.html} ${n.failureSummary}`).join("\n  ")}`);
    await page.screenshot({ path: join(shots, `${script}-${String(++taken).padStart(2, "0")}-${name}-${scheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

// The form of a model, once it is there.
async function form(page, model, more = "") {
  await page.goto(`${base}/#/submit?model=${encodeURIComponent(model)}${more}`);
  await page.locator("form.card").waitFor();
  await page.waitForFunction((id) => document.querySelector("#model")?.value === id, model);
}

const submitButton = (page) => page.getByRole("button", { name: "Submit", exact: true });
const promptBox = (page) => page.getByRole("textbox", { name: /^Prompt/ });
const hasFocus = (page, id) => page.waitForFunction((wanted) => document.activeElement.id === wanted, id);

// The job to whose page the form went.
async function accepted(page) {
  await page.waitForURL(/#\/jobs\/[0-9A-Z]{26}$/);
  return api(`/v1/jobs/${page.url().split("/").pop()}`);
}

// Runs each step in a tab of its own (STEP=name: that one alone), and tells of all faults at the end.
async function run(name, steps) {
  script = name;
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(15000);
  await context.addInitScript((text) => sessionStorage.getItem("genqd_token") ?? sessionStorage.setItem("genqd_token", text), token);
  for (const step of steps.filter((one) => !process.env.STEP || one.name === process.env.STEP)) {
    const page = await context.newPage();
    page.on("pageerror", (error) => faults.push(`${step.name}: ${error.stack}`));
    try {
      await step(page);
    } catch (error) {
      await page.screenshot({ path: join(shots, `${name}-fault-${step.name}.png`) });
      faults.push(`${step.name}: ${error.stack}`);
    }
    await page.close();
  }
  await browser.close();
  console.log(faults.join("\n\n") || `${name}: ${steps.length} steps, no fault`);
  process.exit(faults.length ? 1 : 0);
}

module.exports = { accepted, api, base, check, form, hasFocus, promptBox, run, submitButton, token };

// What a person does with the reference at /reference: reads, searches, opens, by keyboard, on a phone, in the dark.
// usage: node reader.cjs URL SHOTS
const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { chromium } = require("playwright-core");

const [base, shots] = process.argv.slice(2);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const faults = [];

async function check(page, name) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    for (const one of violations) faults.push(`axe, ${name}, ${scheme}: ${one.id}: ${one.nodes.slice(0, 3).map((n) => `${n.html} ${n.failureSummary}`).join("\n  ")}`);
    await page.screenshot({ path: join(shots, `reference-${name}-${scheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

async function main() {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  page.on("console", (m) => m.type() === "error" && faults.push(m.text()));
  page.on("pageerror", (error) => faults.push(String(error.stack)));
  page.on("request", (r) => new URL(r.url()).origin !== base && faults.push(`asked ${r.url()}`));

  // Every operation of the document is there, in the list and as a section, without a token.
  await page.goto(`${base}/reference`);
  await page.getByRole("heading", { name: "API reference", level: 1 }).waitFor();
  const document = await (await fetch(`${base}/openapi.json`)).json();
  const operations = Object.values(document.paths).concat(Object.values(document.webhooks)).flatMap((item) => Object.values(item));
  assert.equal(await page.locator("nav a").count(), operations.length);
  for (const { operationId } of operations) assert.equal(await page.locator(`section#${operationId}`).count(), 1, operationId);
  await check(page, "top");

  // A search by keyboard alone: to the box, a name, to the hit, and there.
  await page.keyboard.press("/");
  await page.keyboard.type("POST cancelJob");
  await page.waitForFunction(() => document.querySelectorAll("nav a").length === 1);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/#cancelJob$/);
  await page.locator("#cancelJob").getByText("/v1/jobs/{id}/cancel", { exact: true }).waitFor();
  await page.getByLabel("Search operations").fill("no such words");
  await page.getByText("No operation has these words.").waitFor();
  await page.getByLabel("Search operations").fill("");

  // An address leads to its operation; schemas open, down to the members of members; refusals too.
  await page.goto(`${base}/reference#createJob`);
  await page.reload();
  const job = page.locator("#createJob");
  await page.waitForFunction(() => Math.abs(document.getElementById("createJob")?.getBoundingClientRect().top) < 100);
  await job.getByText("Members of webhook").click();
  await job.getByText("Members of webhook").locator("xpath=../ul/li").first().waitFor();
  await job.getByText("application/json of 202").click();
  await job.getByText("Members of queue").first().click();
  await job.getByText("position", { exact: true }).first().waitFor();
  await job.getByText(/^Refusals: 400/).click();
  await job.getByText("budget_exceeded").first().waitFor();
  assert.match(await job.locator("pre").first().innerText(), /^curl -X POST "\$GENQD_URL\/v1\/jobs"/);
  await check(page, "job");

  // On a phone nothing sticks out.
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} pixels too wide for a phone`);
  await check(page, "phone");

  await browser.close();
  assert.deepEqual(faults, [], faults.join("\n\n"));
  console.log(`reference: ${operations.length} operations, no fault`);
}

main().catch((error) => {
  console.error(error.message, faults.join("\n\n"));
  process.exit(1);
});

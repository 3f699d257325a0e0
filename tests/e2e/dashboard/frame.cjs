// What holds around the views: drafts, the lock, addresses that are none, a view that breaks, a daemon that is away, keys, the theme.
// usage: TOKEN=… SUBMITTER=… node frame.cjs URL SHOTS
const assert = require("node:assert/strict");
const { api, base, check, form, hasFocus, promptBox, run, submitButton, token } = require("./steps.cjs");

const submitter = process.env.SUBMITTER;

// Another model, a look elsewhere, a token that ends: what was typed is still there.
async function drafts(page) {
  await form(page, "google/imagen4");
  await promptBox(page).fill("my own words");
  await page.getByRole("combobox", { name: "Model", exact: true }).selectOption("flux-kontext-pro");
  await page.waitForFunction(() => document.querySelector("#field-prompt")?.value === "my own words" && document.querySelector("#model").value === "flux-kontext-pro");
  await promptBox(page).fill("more words");
  await page.getByRole("link", { name: "Queue", exact: true }).click();
  await page.getByRole("heading", { name: "Queue", exact: true }).waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "Submit" }).click();
  await page.waitForFunction(() => document.querySelector("#field-prompt")?.value === "more words");
  await page.getByLabel("Labels").fill("test=kept");

  await page.route("**/v1/jobs", (route) => (route.request().method() === "POST" ? route.fulfill({ status: 401, body: "{}" }) : route.fallback()));
  await submitButton(page).click();
  await page.getByText("The daemon no longer takes this token.").waitFor();
  await check(page, "locked");
  await page.unroute("**/v1/jobs");
  await page.getByLabel("Token").fill("ключ");
  await page.keyboard.press("Enter");
  await page.getByText("A token has letters from A to Z").waitFor();
  await page.getByLabel("Token").fill(submitter);
  await page.keyboard.press("Enter");
  await page.getByText("This token may not read").waitFor();
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#field-prompt")?.value === "more words" && document.querySelector("#labels").value === "test=kept");
  await hasFocus(page, "main");
}

// An address that is none, and a view that throws, leave the frame and the other views alone; the focus goes with the view.
async function mishaps(page) {
  await page.goto(`${base}/#/jobs/%E0%A4%A`);
  await page.locator("main h1").waitFor();
  await check(page, "no-such-job");
  // A job without an input is none that a page can show.
  const { id } = await api("/v1/jobs", { model: "google/imagen4", input: { prompt: "a whole job" } });
  const one = new RegExp(`/v1/jobs/${id}$`);
  await page.route(one, (route) => route.fulfill({ contentType: "application/json", body: JSON.stringify({ id, status: "queued" }) }));
  await page.goto(`${base}/#/jobs/${id}`);
  await page.getByRole("heading", { name: "This view broke" }).waitFor();
  await check(page, "broken-view");
  await page.unroute(one);
  await page.getByRole("button", { name: "Show it again" }).click();
  await page.getByRole("heading", { name: "a whole job" }).waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "Queue" }).click();
  await page.getByRole("heading", { name: "Queue", exact: true }).waitFor();
  await hasFocus(page, "main");
  await page.locator("[role=status]", { hasText: /^Queue$/ }).waitFor({ state: "attached" });
}

// A refusal stands below the buttons, and looks like one.
async function refusedRetry(page) {
  const { id } = await api("/v1/jobs", { model: "google/imagen4", input: { prompt: "[fail] a picture that can't be made" } });
  await page.route("**/retry", (route) => route.fulfill({ status: 403, contentType: "application/problem+json", body: '{"detail":"the token lacks a scope","code":"forbidden"}' }));
  await page.goto(`${base}/#/jobs/${id}`);
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByRole("button", { name: "Submit and pay again" }).click();
  const fault = page.getByText("the token lacks a scope");
  await fault.waitFor();
  const wanted = await page.locator(".trouble h2").evaluate((one) => getComputedStyle(one).color);
  assert.equal(await fault.evaluate((one) => getComputedStyle(one).color), wanted);
  await check(page, "refused-retry");
}

// One line for all views, and how old is what they show; what was read once is read again.
async function daemonAway(page) {
  await page.goto(`${base}/#/queue`);
  await page.locator(".tile").first().waitFor();
  const line = page.getByText("The daemon does not answer; trying again.");
  for (const glob of ["**/v1/**", "**/healthz"]) await page.route(glob, (route) => route.abort());
  await line.waitFor();
  assert.match(await line.innerText(), /What is shown is of \d\d:\d\d:\d\d/);
  assert.equal(await page.getByText("Failed to fetch").count(), 0);
  await check(page, "away");
  await page.goto(`${base}/#/models`);
  await page.reload();
  await line.waitFor();
  for (const glob of ["**/v1/**", "**/healthz"]) await page.unroute(glob);
  await line.waitFor({ state: "detached" });
  await page.locator(".models li").first().waitFor();
}

async function keys(page) {
  await page.goto(`${base}/#/models`);
  await page.locator(".models li").first().waitFor();
  const single = page.getByRole("dialog").getByLabel("Keys of a single character");
  const leave = () => page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("?");
  await check(page, "keys");
  await single.uncheck();
  await page.keyboard.press("Escape");
  await leave();
  await page.keyboard.press("n");
  await page.getByRole("button", { name: "Keys" }).click();
  assert.match(page.url(), /#\/models$/);
  await single.check();
  await page.keyboard.press("Escape");
  await leave();
  await page.keyboard.press("n");
  await page.waitForURL(/#\/submit$/);
}

// The theme has a way back to the system's, on a phone nothing is cut, and nothing that is drawn is kept for the next drawing.
async function look(page) {
  await form(page, "google/imagen4");
  for (const wanted of ["light", "dark", undefined]) {
    await page.getByRole("button", { name: /^Theme/ }).click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), wanted);
  }
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    const cut = await page.evaluate(() => [...document.querySelectorAll("nav a")].filter((a) => a.getBoundingClientRect().right > innerWidth).map((a) => a.textContent));
    assert.deepEqual(cut, [], `at ${width} pixels`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} pixels too wide at ${width}`);
    await check(page, `phone-${width}`);
  }
  const shared = await page.evaluate(async () => {
    const { html } = await import(performance.getEntriesByType("resource").find((r) => /\/preact\.js/.test(r.name)).name);
    const draw = () => html`<div><p>still</p></div>`;
    return draw().props.children === draw().props.children;
  });
  assert.equal(shared, false);
}

run("frame", [drafts, mishaps, refusedRetry, daemonAway, keys, look]);

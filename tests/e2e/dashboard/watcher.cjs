// What a person does who watches the queue: seven tabs, long lists, filters, holds, and deeds for many jobs at once.
// usage: TOKEN=… USER_TOKEN=… node watcher.cjs URL SHOTS
const assert = require("node:assert/strict");
const { api, base, check, enter, launch, play, shot, submit, watch } = require("./stage.cjs");

const prompts = (n, text) => Array.from({ length: n }, (_, i) => ({ model: "google/imagen4", input: { prompt: `${text} ${i + 1}` } }));
const rows = (page) => page.locator(".row").first().waitFor();

// The row in the middle of the window, and where it stands.
const middle = (page) => page.evaluate(() => {
  const box = document.querySelector(".list").getBoundingClientRect();
  const row = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).closest("a");
  return { id: row.dataset.id, y: Math.round(row.getBoundingClientRect().y) };
});

async function scrollTo(page, y) {
  await page.waitForFunction((to) => {
    const list = document.querySelector(".list");
    list.scrollTop = to;
    return list.scrollTop >= to - 1;
  }, y, { polling: 100 });
  await page.waitForFunction((to) => [...document.querySelectorAll(".row")].some((row) => Math.abs(row.querySelector("a").dataset.index * 52 - to) < 104), y);
}

const loaded = (page) => page.evaluate(() => parseInt(document.querySelector(".foot").textContent.replace(/,/g, ""), 10));

// A browser has six connections for a host: tabs that nobody sees must not keep them.
async function sevenTabs(context) {
  const tabs = [];
  for (let i = 0; i < 6; i++) {
    const tab = await context.newPage();
    watch(tab);
    await tab.addInitScript(() => {
      window.setInterval = () => 0;
      Object.defineProperty(document, "hidden", { get: () => !!window.unseen });
    });
    await tab.goto(`${base}/#/jobs`);
    await rows(tab);
    await tab.evaluate(() => {
      window.unseen = true;
      document.dispatchEvent(new Event("visibilitychange"));
    });
    tabs.push(tab);
  }
  const seventh = await context.newPage();
  await seventh.goto(`${base}/#/queue`);
  await seventh.getByRole("heading", { name: "Queue", exact: true }).waitFor();
  await seventh.close();
  const [first] = tabs;
  await Promise.all([first.waitForResponse((r) => r.url() === `${base}/v1/events`), first.evaluate(() => {
    window.unseen = false;
    document.dispatchEvent(new Event("visibilitychange"));
  })]);
  const { id } = await submit("google/imagen4", { prompt: "seen by a tab that came back" });
  await first.locator(`.row a[data-id="${id}"]`).waitFor();
  await Promise.all(tabs.map((tab) => tab.close()));
}

async function lists(page) {
  // What leaves the list above, or comes in there by the thousand, moves nothing that is being read.
  await page.goto(`${base}/#/jobs?status=queued`);
  await rows(page);
  await scrollTo(page, 8000);
  const before = await middle(page);
  const indexOf = (id) => page.evaluate((n) => +document.querySelector(`[data-id="${n}"]`)?.dataset.index, id);
  const moved = (id, to) => page.waitForFunction((n) => +document.querySelector(`[data-id="${n.id}"]`)?.dataset.index === n.to, { id, to }, { timeout: 20000 });
  const from = await indexOf(before.id);
  const { jobs } = await api("/v1/jobs?status=queued&limit=7");
  for (const { id } of jobs) await api(`/v1/jobs/${id}/cancel`, {});
  await moved(before.id, from - 7);
  assert.deepEqual(await middle(page), before);
  const had = await loaded(page);
  await api("/v1/batches", { jobs: prompts(1000, "on top") });
  await moved(before.id, from + 993);
  assert.deepEqual(await middle(page), before);
  assert.ok(await loaded(page) >= had + 1000);

  // Into a job and back: the place is the same.
  const aside = async (meanwhile) => {
    await page.locator(`[data-id="${before.id}"]`).click();
    await page.locator("article.job").waitFor();
    await meanwhile();
    await page.goBack();
    await page.locator(`[data-id="${before.id}"]`).waitFor();
  };
  await aside(() => {});
  assert.deepEqual(await middle(page), before);

  // So many meanwhile that they are not read one after another: a word, and at the top the newest.
  await aside(async () => {
    for (let i = 0; i < 4; i++) await api("/v1/batches", { jobs: prompts(1000, "and more") });
  });
  await page.getByRole("button", { name: /^Many newer jobs/ }).waitFor();
  assert.equal((await middle(page)).id, before.id);
  await check(page, "many newer jobs");
  await shot(page, "many-newer");
  await page.getByRole("button", { name: /^Many newer jobs/ }).click();
  const [newest] = (await api("/v1/jobs?status=queued&limit=1")).jobs;
  await page.locator(`[data-id="${newest.id}"]`).waitFor();
  assert.equal(await page.evaluate(() => document.querySelector(".list").scrollTop), 0);

  // By keyboard, wherever the list was scrolled to: Tab finds a row, and a row that is scrolled away keeps the focus.
  await scrollTo(page, 3000);
  await page.getByRole("button", { name: /^Cancel all/ }).focus();
  await page.keyboard.press("Tab");
  const focus = () => page.evaluate(() => ({ id: document.activeElement.dataset.id, y: Math.round(document.activeElement.getBoundingClientRect().y) }));
  if (!(await focus()).id) await page.keyboard.press("Tab");
  const reached = await focus();
  assert.ok(reached.id && reached.y > 0 && reached.y < 800, `Tab led to ${JSON.stringify(reached)}`);
  await page.mouse.move(640, 600);
  const stood = await page.evaluate(() => document.querySelector(".list").scrollTop);
  await page.mouse.wheel(0, 2600);
  await page.waitForFunction((to) => document.querySelector(".list").scrollTop >= to, stood + 2500);
  assert.equal((await focus()).id, reached.id);
  await page.keyboard.press("j");
  await page.waitForFunction((id) => document.activeElement.dataset.id && document.activeElement.dataset.id !== id, reached.id);
  assert.ok(await page.evaluate(() => document.querySelector(".list").scrollTop) > stood + 2400, "j threw the list back");

  // The row with the focus leaves the list: the focus goes on to the one in its place.
  const { id: gone } = await focus();
  await api(`/v1/jobs/${gone}/cancel`, {});
  await page.waitForFunction((id) => document.activeElement.dataset.id && document.activeElement.dataset.id !== id, gone);
}

async function filters(page, batch) {
  await page.goto(`${base}/#/jobs`);
  await rows(page);
  const label = page.getByLabel("Label, as key=value");
  await label.fill("nonsense");
  await label.press("Enter");
  assert.equal(await label.evaluate((box) => box.validity.customError), true);
  assert.doesNotMatch(page.url(), /nonsense/);
  await page.goto(`${base}/#/jobs?status=queued&label=nonsense`);
  await page.getByText("A label is wanted as key=value").waitFor();
  await page.getByText("Nothing fits these filters.").waitFor();
  assert.equal(await page.getByRole("button", { name: /^Cancel all/ }).count(), 0);
  await check(page, "no label");
  await page.goto(`${base}/#/jobs?batch_id=${batch}&caller=browser`);
  await page.getByText(`Batch: ${batch}`).waitFor();
  await page.getByText("Caller: browser").waitFor();
  await check(page, "further filters");
  await shot(page, "further-filters");
  await page.getByRole("button", { name: `Without batch ${batch}` }).click();
  await page.getByText(`Batch: ${batch}`).waitFor({ state: "detached" });
  assert.match(page.url(), /\?caller=browser$/);

  // A time of one's own: typed part by part, and nothing happens until it is whole.
  await page.getByLabel("Time").selectOption("own");
  const from = page.getByLabel("From");
  await from.focus();
  await page.keyboard.press("Delete");
  assert.equal(await from.evaluate((box) => box === document.activeElement), true);
  const address = page.url();
  await page.keyboard.type("0102");
  assert.equal(page.url(), address);
  await page.getByLabel("To").focus();
  await page.waitForURL(/after=\d{4}-01-0[12]/);
  await from.fill("2020-02-03T04:05");
  await from.press("Enter");
  await page.waitForURL(/after=2020-02-03/);
  await from.fill("");
  await from.press("Enter");
  await page.waitForURL((url) => !/after=/.test(url.href));
  await from.waitFor();
  await check(page, "own time");
  await shot(page, "own-time");
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok(await page.locator(".pills").evaluate((box) => box.scrollWidth <= box.clientWidth), "the statuses are cut off");
  await check(page, "own time on a phone");
  await shot(page, "phone-own-time");
  await page.setViewportSize({ width: 1280, height: 800 });
}

// Who may change only own jobs is told what will be skipped, before and after, and faults where the button is.
async function othersJobs(browser) {
  const { page, context } = await enter(browser, process.env.USER_TOKEN);
  await page.goto(`${base}/#/jobs?status=queued`);
  await page.getByRole("button", { name: /^Cancel all/ }).click();
  await page.getByRole("dialog", { name: "Nothing to cancel" }).waitFor();
  await check(page, "nothing to cancel");
  await page.getByRole("button", { name: "Close" }).click();
  for (let i = 0; i < 2; i++) await api("/v1/jobs", { model: "google/imagen4", input: { prompt: "mine" }, labels: { whose: "mixed" } }, process.env.USER_TOKEN);
  const { id } = await submit("google/imagen4", { prompt: "theirs" }, { labels: { whose: "mixed" } });
  await page.goto(`${base}/#/jobs?status=queued&label=whose%3Dmixed`);
  await page.getByRole("button", { name: /^Cancel all/ }).click();
  await page.getByRole("dialog", { name: "Cancel 2 jobs?" }).getByText(/Jobs of other callers are left out/).waitFor();
  await shot(page, "others-jobs");
  await page.getByRole("button", { name: "Cancel 2 jobs" }).click();
  await page.getByText("2 jobs canceled").waitFor();
  await page.goto(`${base}/#/jobs/${id}`);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Cancel the job" }).click();
  const fault = page.locator(".job header .fault");
  await fault.waitFor();
  assert.equal(await fault.evaluate((node) => getComputedStyle(node).color), "rgb(193, 37, 45)");
  await context.close();
}

async function holds(page) {
  await api("/v1/queue/pause", { reason: "x".repeat(400) });
  await page.goto(`${base}/#/queue`);
  await page.getByRole("button", { name: "Resume all" }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector("main").scrollWidth <= document.querySelector("main").clientWidth));
  await api("/v1/queue/resume", {});
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What").selectOption("veo3_fast");
  await dialog.getByLabel("Reason").fill("too slow today");
  await dialog.getByLabel(/^Until/).fill("2099-01-02T03:04");
  await check(page, "pause");
  await shot(page, "pause");
  await dialog.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Some models are held").waitFor();
  await page.getByText(/too slow today .* until 02\/01\/2099/).waitFor();
  await api("/v1/queue/pause", { reason: "the other hold" });
  await page.getByText("Submissions are held").waitFor();
  await check(page, "holds");
  await shot(page, "holds");
  await page.getByRole("button", { name: "Resume veo3_fast" }).click();
  await page.getByText("too slow today").waitFor({ state: "detached" });
  assert.deepEqual((await api("/v1/queue")).holds.map((hold) => hold.model), [null]);

  // What comes next is told, not what came last.
  const { id } = await submit("google/imagen4", { prompt: "the most urgent" }, { priority: 100 });
  await submit("google/imagen4", { prompt: "the least urgent" }, { priority: -100 });
  const next = page.locator("section.short", { has: page.getByRole("heading", { name: "Next in line" }) });
  await next.locator("li").first().locator(`a[href$="${id}"]`).waitFor();
  assert.equal(await next.getByText("the least urgent").count(), 0);
}

play("watcher", async () => {
  const browser = await launch();
  const { context, page } = await enter(browser);
  await page.goto(`${base}/#/queue`);
  await page.locator("a.tile", { hasText: "nothing failed" }).waitFor();
  assert.notEqual(await page.locator(".tile", { hasText: "Failed" }).locator("strong").evaluate((node) => getComputedStyle(node).color), "rgb(193, 37, 45)");
  await check(page, "empty");
  await api("/v1/queue/pause", { reason: "nothing moves" });
  const { id: batch } = await api("/v1/batches", { jobs: prompts(300, "study") });
  await sevenTabs(context);
  await lists(page);
  await filters(page, batch);
  await othersJobs(browser);
  await api("/v1/queue/resume", {});
  await api("/v1/queue/pause", {});
  await holds(page);
  await browser.close();
});

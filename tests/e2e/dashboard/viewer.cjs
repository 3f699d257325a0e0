// What a person does who looks at what was made: pictures in full, words, tracks, where a job comes from, what it told
// its receiver, the gallery to its end, and what all that took.
// usage: TOKEN=… node viewer.cjs URL SHOTS
const assert = require("node:assert/strict");
const { createServer } = require("node:http");
const { api, base, check, enter, launch, play, shot, submit } = require("./stage.cjs");

const ended = (id) => api(`/v1/jobs/${id}?wait=30`);
const open = async (page, id) => {
  await page.goto(`${base}/#/jobs/${id}`);
  await page.locator("article.job code", { hasText: id }).first().waitFor();
};

// A receiver of webhooks that refuses each until it is told better.
async function receiver() {
  const got = [];
  let status = 500;
  const server = createServer((request, response) => {
    got.push(request.headers["webhook-id"]);
    request.resume().on("end", () => response.writeHead(status).end());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/hook`, got, mend: () => (status = 204), close: () => server.close() };
}

async function words(page) {
  const [lyrics, song] = await Promise.all([submit("suno/lyrics", { prompt: "a sea shanty" }),
    submit("suno/V5", { prompt: "a sea shanty about queues", customMode: false, instrumental: true })]);
  const { result } = await ended(lyrics.id);
  await open(page, lyrics.id);
  const text = page.getByRole("region", { name: result.lyrics[0].title }).locator(".words");
  assert.equal(await text.evaluate((node) => node.innerText), result.lyrics[0].text);
  await check(page, "lyrics");
  await shot(page, "lyrics");
  const [track] = (await ended(song.id)).result.tracks;
  await open(page, song.id);
  await page.locator("figure strong", { hasText: track.title }).first().waitFor();
  await page.getByText("Lyrics", { exact: true }).first().click();
  await page.locator("figure .words", { hasText: track.lyrics }).first().waitFor();
  await check(page, "song");
  await shot(page, "song");
}

async function picture(page, id) {
  await open(page, id);
  await page.getByRole("button", { name: /^Open .* in full size$/ }).first().click();
  const full = page.locator("dialog .full img");
  await full.waitFor();
  assert.ok(await full.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)));
  await check(page, "full size");
  await shot(page, "full-size");
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
}

async function kin(page, first) {
  const { job_ids } = await api("/v1/batches", { jobs: [
    { model: "google/imagen4", input: { prompt: "[fail] the first of two" } },
    { model: "google/imagen4", input: { prompt: "the second of two" } }] });
  const child = await submit("recraft/crisp-upscale", { image: `genqd:job/${job_ids[0]}/outputs/0` });
  const good = await submit("recraft/crisp-upscale", { image: `genqd:job/${first}/outputs/0` });
  await Promise.all([...job_ids, child.id, good.id].map(ended));

  // Whose failure it was is one click away; what it was made from stands there when nothing waits any more.
  await open(page, child.id);
  await page.locator(".trouble h2").getByRole("link", { name: job_ids[0] }).waitFor();
  await page.locator("section", { has: page.getByRole("heading", { name: "Made from" }) }).getByText("[fail] the first of two").waitFor();
  assert.equal(await page.getByText("Waits for").count(), 0);
  await check(page, "failed dependency");
  await page.locator(".trouble h2").getByRole("link").click();
  await page.waitForURL(`**/#/jobs/${job_ids[0]}`);
  const batch = page.locator("section", { has: page.getByRole("heading", { name: /^Batch/ }) });
  await batch.getByText("2 of 2 done").waitFor();
  await page.getByRole("heading", { name: "Used by" }).waitFor();
  await page.locator(".legend time", { hasText: /\d\d\/\d\d\/\d{4}/ }).first().waitFor();
  await check(page, "batch");
  await shot(page, "batch");
  await batch.getByRole("link", { name: "All its jobs" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".row").length === 2);
  assert.match(page.url(), /#\/jobs\?batch_id=[0-9A-Z]{26}$/);

  // Failures by their errors; what a retry of all would skip is told before.
  await page.goto(`${base}/#/jobs?status=failed`);
  await page.getByRole("button", { name: "Retry all of these…" }).click();
  await page.getByRole("dialog", { name: "Retry 1 job?" }).getByText(/1 of 2 jobs: 1 is skipped/).waitFor();
  await check(page, "retry of all");
  await page.keyboard.press("Escape");
  await page.getByRole("group", { name: "Errors" }).getByRole("button", { name: "dependency_failed 1" }).click();
  await page.getByText("Error: dependency_failed").waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".row").length === 1);
}

async function webhooks(page) {
  const { url, got, mend, close } = await receiver();
  const { id } = await submit("google/imagen4", { prompt: "told to a receiver" }, { webhook: { url } });
  await ended(id);
  await open(page, id);
  const table = page.getByRole("region", { name: "Table of webhooks" });
  await table.getByText(/500, /).first().waitFor();
  await check(page, "webhooks");
  await page.setViewportSize({ width: 390, height: 844 });
  await table.scrollIntoViewIfNeeded();
  assert.ok(await page.evaluate(() => document.querySelector("main").scrollWidth <= innerWidth), "the table sticks out");
  await check(page, "webhooks on a phone");
  await shot(page, "phone-webhooks");
  await page.setViewportSize({ width: 1280, height: 800 });
  mend();
  await table.getByRole("button", { name: "Send again: job.succeeded" }).click();
  await table.locator(".status.succeeded").waitFor();
  assert.ok(got.length > 1 && new Set(got).size === 1);
  close();
}

// Scheduled, waiting and running jobs say so in words.
async function times(page) {
  const later = await submit("google/imagen4", { prompt: "for later" }, { scheduled_at: "2099-01-02T03:04:05Z" });
  await open(page, later.id);
  await page.getByText(/It starts at 02\/01\/2099/).waitFor();
  await page.locator(".legend").getByText("Waiting", { exact: true }).waitFor();
  await api(`/v1/jobs/${later.id}/cancel`, {});
}

async function gallery(page) {
  const asked = [];
  page.on("response", (r) => /thumbnail/.test(r.url()) && asked.push([r.url(), r.status()]));
  const four = await submit("mj_txt2img", { prompt: "an astrolabe made of glass", aspectRatio: "1:1" });
  await ended(four.id);
  const same = (n) => api("/v1/batches", { jobs: Array.from({ length: n }, () => ({ model: "google/imagen4", input: { prompt: "many of one" }, reuse: "identical", labels: { of: "one" } })) });
  const { job_ids } = await same(120);
  await Promise.all(job_ids.slice(-1).map(ended));
  await page.goto(`${base}/#/gallery?label=of%3Done`);
  const tiles = page.locator(".gallery li");
  await page.waitForFunction(() => document.querySelectorAll(".gallery li").length === 48);
  const older = page.getByRole("button", { name: "Older ones" });
  await older.click();
  await page.waitForFunction(() => document.querySelectorAll(".gallery li").length === 96);
  await older.click();
  await page.waitForFunction(() => document.querySelectorAll(".gallery li").length === 120);
  await older.waitFor({ state: "detached" });
  const [newest] = (await same(1)).job_ids;
  await page.locator(`.gallery a[href$="${newest}"]`).waitFor();
  assert.equal(await older.count(), 0);
  const ids = await tiles.locator("a").evaluateAll((links) => links.map((link) => link.hash));
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(ids.length, 121);

  // Back from a job far down: the same place.
  await page.locator(`.gallery a[href$="${job_ids[10]}"]`).scrollIntoViewIfNeeded();
  const place = () => page.evaluate(() => document.querySelector("main").scrollTop);
  const top = await place();
  assert.ok(top > 1000);
  await page.locator(`.gallery a[href$="${job_ids[10]}"]`).click();
  await page.locator("article.job").waitFor();
  await page.goBack();
  await page.locator(`.gallery a[href$="${job_ids[10]}"]`).waitFor();
  assert.equal(await place(), top);

  // All kinds; a tile for each picture; what has no picture asks for none.
  await page.goto(`${base}/#/gallery`);
  const kinds = await page.getByLabel("Kind").locator("option").allTextContents();
  for (const kind of ["image", "video", "music", "lyrics", "transcription", "sfx"]) assert.ok(kinds.includes(kind), kind);
  await page.getByLabel("Kind").selectOption("music");
  await page.getByText("♪ audio").first().waitFor();
  await check(page, "gallery of music");
  await page.getByLabel("Kind").selectOption("lyrics");
  await page.locator(".excerpt").first().waitFor();
  await check(page, "gallery of lyrics");
  await page.goto(`${base}/#/gallery?model=mj_txt2img`);
  await page.waitForFunction(() => document.querySelectorAll(".gallery li img").length === 4);
  await shot(page, "gallery");
  assert.deepEqual(asked.filter(([, status]) => status >= 400), []);
}

async function usage(page) {
  await page.goto(`${base}/#/usage?days=7`);
  await page.locator(".usage tbody tr").first().waitFor();
  const shares = await page.locator(".share").allTextContents();
  const sum = shares.reduce((all, text) => all + parseFloat(text), 0);
  assert.ok(Math.abs(sum - 100) < 1, `the shares are ${shares}`);
  await page.getByText(/^Credits a day/).waitFor();
  await check(page, "usage");
  await shot(page, "usage");
  await page.getByLabel("Group by").selectOption("label");
  await page.waitForURL(/by=label\.of/);
  await page.locator(".usage tbody").getByRole("link", { name: "one" }).waitFor();
  await check(page, "usage by label");
  await shot(page, "usage-label");
}

async function charts(page) {
  await page.goto(`${base}/#/queue`);
  await page.locator(".uplot canvas").nth(2).waitFor();
  const chart = page.locator(".chart", { hasText: "Wait before submission" });
  await chart.getByText("longest", { exact: true }).waitFor();
  const box = await chart.locator(".u-over").boundingBox();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 40);
  await chart.getByText(/: mean .*, longest /).waitFor();
  await shot(page, "chart-value");
  await page.mouse.move(5, 5);
  await chart.getByText(/^last .*, highest /).waitFor();
}

play("viewer", async () => {
  const browser = await launch();
  const { page } = await enter(browser);
  const { id } = await submit("google/imagen4", { prompt: "a lake at dusk" });
  await ended(id);
  await picture(page, id);
  await words(page);
  await kin(page, id);
  await webhooks(page);
  await times(page);
  await gallery(page);
  await usage(page);
  await charts(page);
  await browser.close();
});

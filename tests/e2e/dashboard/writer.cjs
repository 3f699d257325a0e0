// What a person does who submits jobs: files, lists, JSON, faults, answers that get lost.
// usage: TOKEN=… node writer.cjs URL SHOTS
const assert = require("node:assert/strict");
const { accepted, api, base, check, form, hasFocus, promptBox, run, submitButton } = require("./steps.cjs");

const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAGCAIAAABxZ0isAAAAWUlEQVR42g3JMREAQQgEQUQQEyNiRVw8MSJWxMfofao66wgiyKADBS+YwMEXxcmiCxWvmMJ1IU6KFhJPjLAu4CQ0CB4MmAtz0rSReWaMfbGcXHrR8pZZvHw/FaMsEYY5qfUAAAAASUVORK5CYII=";
const labelled = async (name) => (await api(`/v1/jobs?label.test=${name}`)).jobs;

// The files as one drop, each a picture of its own, or what another page gives: an address.
async function drop(page, place, names, { address, type = "image/png" } = {}) {
  const data = await page.evaluateHandle(([files, uri, media, picture]) => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0));
    for (const name of files) transfer.items.add(new File([bytes, name], name, { type: media }));
    if (uri) transfer.setData("text/uri-list", uri);
    return transfer;
  }, [names, address, type, PICTURE]);
  await place.dispatchEvent("drop", { dataTransfer: data });
}

// An answer that gets lost is asked for again: one job, however often.
async function lostAnswers(page) {
  await form(page, "google/imagen4");
  await promptBox(page).fill("a letter in a bottle");
  await page.getByLabel("Labels").fill("test=lost");
  const keys = [];
  await page.route("**/v1/jobs", async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 2) return route.fallback();
    await route.fetch();
    return keys.length === 1 ? route.abort() : route.fulfill({ status: 502, body: "" });
  });
  await submitButton(page).click();
  await page.getByText("The daemon does not answer. Try again").waitFor();
  await submitButton(page).click();
  await page.getByText("The daemon answered 502").waitFor();
  await submitButton(page).click();
  await accepted(page);
  assert.equal((await labelled("lost")).length, 1);
  assert.equal(new Set(keys).size, 1);

  // What was changed meanwhile is another job.
  await form(page, "google/imagen4");
  keys.length = 0;
  await page.getByLabel("Labels").fill("test=changed");
  await submitButton(page).click();
  await page.getByText("The daemon does not answer. Try again").waitFor();
  await promptBox(page).fill("another letter");
  keys.push("a 502 already");
  await submitButton(page).click();
  await accepted(page);
  assert.equal((await labelled("changed")).length, 2);
  await page.unroute("**/v1/jobs");

  // The job of a key is gone: the next try is a job of its own.
  await form(page, "google/imagen4");
  const renewed = [];
  await page.route("**/v1/jobs", (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    return renewed.push(route.request().headers()["idempotency-key"]) === 1 ? route.fulfill({ status: 409, contentType: "application/problem+json", body: '{"detail":"its job was deleted","code":"conflict"}' }) : route.fallback();
  });
  await submitButton(page).click();
  await page.getByText("its job was deleted").waitFor();
  await submitButton(page).click();
  await accepted(page);
  assert.equal(new Set(renewed).size, 2);
  await page.unroute("**/v1/jobs");
}

// What is not there yet is waited for; what did not arrive is not replaced by what was there before.
async function uploads(page) {
  await form(page, "runway/aleph");
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/v1/files", async (route) => (await held, route.continue()));
  await drop(page, page.locator("[data-drop]").first(), ["street.mp4"], { type: "video/mp4" });
  await page.getByRole("button", { name: "Uploading…" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Uploading…" }).isDisabled(), true);
  await check(page, "uploading");
  release();
  await page.getByText(/street\.mp4, .* uploaded/).waitFor();
  await submitButton(page).waitFor();
  await page.unroute("**/v1/files");

  await page.route("**/v1/files", (route) => route.fulfill({ status: 507, contentType: "application/problem+json", body: '{"detail":"no space is left","code":"storage_full"}' }));
  await drop(page, page.locator("[data-drop]").first(), ["lane.mp4"], { type: "video/mp4" });
  await page.getByText("lane.mp4 was not uploaded: no space is left").waitFor();
  await submitButton(page).click();
  await hasFocus(page, "field-videoUrl");
  await check(page, "upload-failed");
  await page.unroute("**/v1/files");
  await page.locator("#field-videoUrl").fill("https://example.com/lane.mp4");
  await page.getByText("lane.mp4 was not uploaded").waitFor({ state: "detached" });
  await drop(page, page.locator("[data-drop]").first(), ["one.mp4", "two.mp4"], { type: "video/mp4" });
  await page.getByText("One file fits here: one.mp4 was taken.").waitFor();
  await page.getByText(/one\.mp4, .* uploaded/).waitFor();

  // What is too large is not even sent.
  await form(page, "gpt4o-image");
  await page.getByText("more options").click();
  await page.locator("#field-fileUrl").evaluate((box) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(3e7)], "huge.png", { type: "image/png" }));
    box.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  await page.getByText("huge.png has 30 MB; at most 26.2 MB are taken").waitFor();
  await page.locator("#field-fileUrl").fill("https://example.com/small.png");
  await page.getByText("huge.png has").waitFor({ state: "detached" });
}

// Many files on a list: each has its own entry and its own name, whichever is done first.
async function lists(page) {
  await form(page, "nano-banana-pro");
  const list = page.getByRole("group", { name: "Image input" });
  if (!(await list.isVisible())) await page.getByText("more options").click();
  const zone = list.locator("[data-drop]").last();
  const values = () => list.locator("input[type=text]").evaluateAll((all) => all.map((one) => one.value));
  const notes = () => list.locator(".item [role=status]").allInnerTexts();
  const waiting = [], names = ["one.png", "two.png", "three.png"];
  let all;
  const arrived = new Promise((resolve) => (all = resolve));
  await page.route("**/v1/files", async (route) => {
    await new Promise((resolve) => waiting.push(resolve) === names.length && all());
    await route.continue();
  });
  await drop(page, zone, names);
  await arrived;
  for (const i of [2, 1, 0]) {
    waiting[i]();
    await page.getByText(new RegExp(`^${names[i]}, .* uploaded`)).waitFor();
  }
  await page.unroute("**/v1/files");
  assert.equal(new Set(await values()).size, 3);
  (await notes()).forEach((note, i) => assert.match(note, new RegExp(`^\\s*${names[i]}, `)));
  assert.equal(await list.locator("input[type=file]").last().evaluate((box) => box.multiple && box.accept.includes("image/png")), true);
  await page.waitForFunction(() => [...document.querySelectorAll(".item img")].filter((one) => one.naturalWidth === 8).length === 3);
  await check(page, "list-of-files");

  // One that goes takes nothing of the others with it, and the focus has a place.
  const before = await values();
  await list.getByRole("button", { name: "Remove Image input 1" }).click();
  assert.deepEqual(await values(), before.slice(1));
  assert.match((await notes())[0], /two\.png/);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Remove Image input 1");

  // A picture of another page is its address; an entry that is added has the focus, and left empty it is not sent.
  await drop(page, zone, [], { address: "https://example.com/cat.png" });
  assert.equal((await values())[2], "https://example.com/cat.png");
  await list.getByRole("button", { name: "Add an address" }).click();
  await page.waitForFunction(() => /^field-image_input-\d+$/.test(document.activeElement.id));
  await drop(page, zone, []);
  await list.getByText("There was no file in what was dropped").waitFor();
  await submitButton(page).click();
  const { input } = await accepted(page);
  assert.deepEqual(input.image_input, [...before.slice(1), "https://example.com/cat.png"]);

  // More than fit are told of; beside the place a file opens nothing.
  await form(page, "nano-banana-pro");
  if (!(await list.isVisible())) await page.getByText("more options").click();
  await drop(page, zone, Array.from({ length: 9 }, (_, i) => `${i}.png`));
  await list.getByText("8 fit here: 1 of 9 were left out.").waitFor();
  await page.getByRole("button", { name: "Submit", exact: true }).waitFor();
  const stray = await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["x"], "x.png"));
    return ["dragover", "drop"].map((type) => document.querySelector("h1").dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true })));
  });
  assert.deepEqual(stray, [false, false]);
}

// JSON that is none stays, says so, and nothing is submitted.
async function json(page) {
  let posted = 0;
  const count = (request) => (posted += request.method() === "POST" && request.url() === `${base}/v1/jobs`);
  page.on("request", count);
  await form(page, "elevenlabs/text-to-dialogue-v3");
  const box = page.getByRole("textbox", { name: /^Dialogue/ });
  const good = await box.inputValue();
  await box.fill(`${good},`);
  await page.locator("#field-dialogue-json").getByText("This is not JSON").waitFor();
  await submitButton(page).click();
  await hasFocus(page, "field-dialogue");
  await check(page, "broken-json");
  await page.getByRole("button", { name: "As JSON" }).click();
  assert.equal(await page.getByLabel("Input as JSON").count(), 0);
  await box.fill(good);
  await page.getByRole("button", { name: "As JSON" }).click();
  for (const [text, said] of [["null", "This has to be an object"], ["[1]", "This has to be an object"], ["{", "This is not JSON"]]) {
    await page.getByLabel("Input as JSON").fill(text);
    await page.getByRole("button", { name: "As JSON" }).click();
    await page.locator("#json-fault").getByText(said).waitFor();
    await submitButton(page).click();
    await page.locator("#json-fault").getByText(said).waitFor();
    await hasFocus(page, "json");
  }
  assert.equal(posted, 0);
  page.off("request", count);
  await page.getByRole("button", { name: "Start over" }).click();
  await box.waitFor();
  assert.equal(await box.inputValue(), good);
}

// A fault is told once, at its field, and the focus goes there.
async function refusals(page) {
  await form(page, "google/imagen4");
  await page.getByLabel("Labels").fill("spring");
  await submitButton(page).click();
  await page.locator("#labels-fault").getByText("“spring” is not key=value").waitFor();
  await page.getByLabel("Labels").fill("test=refused");
  await page.getByLabel("Priority").fill("1000");
  await page.getByText("When, how long, and whom to tell").click();
  await page.getByLabel("Webhook").fill("https://example.com/hook");
  await submitButton(page).click();
  await page.locator("#priority-fault").getByText("must be from -100 to 100").waitFor();
  await page.locator("#webhook-fault").getByText("webhooks.secrets").waitFor();
  await hasFocus(page, "priority");
  assert.equal(await page.getByText("must be from -100 to 100").count(), 1);
  await check(page, "refused");
  await page.getByLabel("Webhook").fill("");
  await page.getByLabel("Priority").fill("7");
  await page.getByLabel("Deadline").fill("3600");
  await page.getByLabel("Not before").fill("2099-01-02T03:04");
  await page.getByLabel("Take an earlier result").check();
  await submitButton(page).click();
  const job = await accepted(page);
  assert.equal(job.scheduled_at.slice(0, 7), "2099-01");
  assert.ok(job.deadline_at);

  // A template has all that the job has: its labels and its priority too.
  await page.getByRole("link", { name: "Use as template" }).click();
  await page.waitForFunction(() => document.querySelector("#priority")?.value === "7");
  assert.equal(await page.getByLabel("Labels").inputValue(), "test=refused");
  await page.getByRole("button", { name: "Start over" }).click();
  await page.waitForFunction(() => document.querySelector("#priority")?.value === "0");
  const { credits } = await api("/v1/jobs", { model: "flux-kontext-max", input: { prompt: "a price to learn" } });
  await form(page, "flux-kontext-max");
  await page.getByText(credits === null ? "Its price is not known here." : `The last one took ${credits} credits.`).waitFor();
  await form(page, "mj_video");
  await page.getByText("About 60 credits.").waitFor();
}

// What goes on with a job names it out of a list, or from that job's page.
async function follows(page) {
  const { id } = await api("/v1/jobs", { model: "veo3_fast", input: { prompt: "a dog at the lake" } });
  await form(page, "veo/extend");
  const task = page.getByLabel("Task Id");
  await task.locator(`option[value="genqd:job/${id}/task"]`).waitFor({ state: "attached" });
  await submitButton(page).click();
  await page.locator("#field-taskId-fault").waitFor();
  await check(page, "a-task");
  await task.selectOption(`genqd:job/${id}/task`);
  await submitButton(page).click();
  assert.equal((await accepted(page)).input.taskId, `genqd:job/${id}/task`);

  await page.goto(`${base}/#/jobs/${id}`);
  await page.getByRole("button", { name: "Use as input…" }).click();
  await check(page, "use-as-input");
  await page.getByRole("dialog").getByRole("link", { name: /1080/ }).click();
  await page.waitForFunction((ref) => document.querySelector("#field-taskId")?.value === ref, `genqd:job/${id}/task`);
  await submitButton(page).click();
  assert.equal((await accepted(page)).model, "veo/1080p");
  await page.goto(`${base}/#/jobs/${id}`);
  await page.getByRole("button", { name: "Use as input…" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Runway Aleph" }).click();
  await page.waitForFunction((ref) => document.querySelector("#field-videoUrl")?.value === ref, `genqd:job/${id}/outputs/0`);

  const song = await api("/v1/jobs", { model: "suno/V5", input: { prompt: "a shanty", customMode: false, instrumental: true } });
  await form(page, "suno/extend", `&use=${encodeURIComponent(`genqd:job/${song.id}/tracks/1`)}`);
  await page.getByText(/, track 2 · suno\/V5/).waitFor({ state: "attached" });
  assert.equal(await page.getByLabel("Audio Id").inputValue(), `genqd:job/${song.id}/tracks/1`);
  await page.getByLabel("Audio Id").selectOption("typed");
  await page.getByLabel("Id of the track").fill("some-track");
  await submitButton(page).click();
  assert.equal((await accepted(page)).input.audioId, "some-track");
}

// A model of which the catalogue knows nothing: its id, its family, its input as JSON.
async function unknownModel(page) {
  await form(page, "google/imagen4");
  await page.getByRole("combobox", { name: "Model", exact: true }).selectOption("");
  await page.getByLabel("Model id").waitFor();
  await submitButton(page).click();
  await page.locator("#own-model-fault").getByText("is missing").waitFor();
  await page.getByLabel("Model id").fill("maker/brand-new");
  await page.getByLabel("Input as JSON").fill('{"prompt": "a model of tomorrow"}');
  await check(page, "unknown-model");
  await submitButton(page).click();
  const job = await accepted(page);
  assert.deepEqual([job.model, job.family, job.input], ["maker/brand-new", "market", { prompt: "a model of tomorrow" }]);
  await page.getByRole("link", { name: "Use as template" }).click();
  await page.waitForFunction(() => document.querySelector("#own-model")?.value === "maker/brand-new");
  assert.deepEqual(JSON.parse(await page.getByLabel("Input as JSON").inputValue()), job.input);
}

run("writer", [lostAnswers, uploads, lists, json, refusals, follows, unknownModel]);

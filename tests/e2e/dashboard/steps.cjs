// What scripts of several steps share: a page for each step, a look by axe with a picture, the form.
const { join } = require("node:path");
const stage = require("./stage.cjs");

const { base, faults, shots } = stage;
const token = process.env.TOKEN;
const api = (path, body) => stage.api(path, body, token, body === undefined ? {} : { Prefer: "wait=30" });

async function check(page, name) {
  await stage.check(page, name);
  await stage.shot(page, name);
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
  stage.call(name);
  const browser = await stage.launch();
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

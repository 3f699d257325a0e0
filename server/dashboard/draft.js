// What is being written for each model. It outlives the view, so that a look elsewhere, another model or a new token
// loses no text, and it ends when the daemon has taken the job.
import { isFile, isName } from "./schema.js";

const drafts = new Map();
const blank = { labels: "", priority: "0", scheduled_at: "", deadline_s: "", webhook: "", reuse: false };
export const shelf = { settings: blank, last: "" };

export const draftOf = (id) => drafts.get(id);

export function keep(id, draft) {
  drafts.set(id, draft);
  shelf.last = id;
  return draft;
}

export function drop(id) {
  drafts.delete(id);
  shelf.settings = blank;
}

// As text that reads back the same: a comma in a value wants lines.
function labelText(labels) {
  const lines = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return lines.some((line) => line.includes(",")) ? `${lines.join("\n")}\n` : lines.join(", ");
}

const fits = (value, schema) => schema && !schema.enum && !isName(schema) && typeof value === "string" && schema.type === "string";

// The example, or the job `like`; what was typed into the model before it; and the file or task that is named by `use`.
export function begin(model, { source, like, use }) {
  const properties = Object.entries(model.input?.properties || {});
  const input = { ...(like ? like.input : model.example) };
  const edited = {};
  if (!like) {
    for (const [field, schema] of properties) {
      if (isName(schema)) delete input[field]; // The example's id is a word in angle brackets.
      const typed = drafts.get(shelf.last)?.edited?.[field];
      if (fits(typed, schema)) input[field] = edited[field] = typed;
    }
  }
  if (use) {
    const names = /\/(task|tracks\/\d+)$/.test(use);
    const taken = properties.find(([field, s]) => (names ? isName(s) : isFile(field, s) || isFile(field, s.items || {})));
    if (taken) input[taken[0]] = taken[1].type === "array" ? [use] : use;
  }
  if (like) shelf.settings = { ...blank, labels: labelText(like.labels), priority: String(like.priority) };
  return keep(model.id, { source, input, edited, text: null, family: like?.family || "market", id: model.id });
}

// "key=value" a line, or separated by commas where it is one line.
export function labelsOf(text) {
  const labels = {}, faults = [];
  for (const part of text.split(text.includes("\n") ? "\n" : ",")) {
    if (!part.trim()) continue;
    const [, key, value] = /^([^=]+)=(.*)$/.exec(part) || [];
    if (key?.trim()) labels[key.trim()] = value.trim();
    else faults.push({ pointer: "/labels", detail: `“${part.trim()}” is not key=value` });
  }
  return { labels, faults };
}

// An entry that was added and left empty is not meant.
function cleaned(input) {
  const out = {};
  for (const [field, value] of Object.entries(input)) {
    const list = Array.isArray(value) ? value.filter((item) => item !== "") : value;
    if (!Array.isArray(list) || list.length || !value.length) out[field] = list;
  }
  return out;
}

export function objectOf(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (fault) {
    throw new Error(`This is not JSON: ${fault.message}`);
  }
  if (!value || typeof value !== "object" || Array.isArray(value)) throw new Error("This has to be an object: { … }");
  return value;
}

// The body of `POST /v1/jobs`, and what already here can't be meant, told as the daemon would tell it.
export function bodyOf(model, draft, settings) {
  const { labels, faults } = labelsOf(settings.labels);
  const body = { model: model.custom ? draft.id.trim() : model.id, labels };
  if (model.custom) body.family = draft.family;
  if (model.custom && !body.model) faults.push({ pointer: "/model", detail: "is missing" });
  try {
    body.input = draft.text === null ? cleaned(draft.input) : objectOf(draft.text);
  } catch (fault) {
    faults.push({ pointer: "/input", detail: fault.message });
  }
  for (const name of ["priority", "deadline_s"]) {
    if (settings[name] === "") continue;
    body[name] = Number(settings[name]);
    if (!Number.isInteger(body[name])) faults.push({ pointer: `/${name}`, detail: "has to be a whole number" });
  }
  if (settings.scheduled_at) body.scheduled_at = new Date(settings.scheduled_at).toISOString();
  if (settings.webhook.trim()) body.webhook = { url: settings.webhook.trim() };
  if (settings.reuse) body.reuse = "identical";
  return { body, faults };
}

// One key for one job: while nobody knows whether the daemon took a body, asking again with it asks for the same job.
const attempts = new Map();

export function keyOf(body) {
  const text = JSON.stringify(body);
  if (!attempts.has(text)) attempts.set(text, Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-"));
  return attempts.get(text);
}

export const settle = (body) => attempts.delete(JSON.stringify(body));

// Schemas, parameters and answers of the reference.
import { html, useEffect, useState } from "./preact.js";

let whole = null;

// The document, once it is here; `{ fault }` when it is not to be had.
export function useDocument() {
  const [document, set] = useState(null);
  useEffect(() => {
    fetch("/openapi.json").then(
      async (answer) => set((whole = await answer.json())),
      () => set({ fault: "The daemon does not answer. Is it running?" }),
    );
  }, []);
  return document;
}

function resolved(value) {
  if (!value?.$ref) return { ...value };
  const keys = value.$ref.slice(2).split("/");
  const found = keys.reduce((at, key) => at[key.replaceAll("~1", "/").replaceAll("~0", "~")], whole);
  const { $ref, ...beside } = value;
  return { name: keys.at(-1), ...resolved(found), ...beside };
}

// Of all that CommonMark has the descriptions use paragraphs, `code` and addresses.
export function Text({ text = "" }) {
  return text.split("\n\n").filter(Boolean).map((paragraph) => html`<p>${paragraph.split(/(`[^`]+`|https:\/\/[^\s)]+)/).map((piece) =>
    piece.startsWith("`") ? html`<code>${piece.slice(1, -1)}</code>` : piece.startsWith("https://") ? html`<a href=${piece}>${piece}</a>` : piece)}</p>`);
}

// A schema with what it is built on: `allOf` joined, `anyOf` with null told as "or null".
function flat(schema) {
  const own = resolved(schema);
  const merged = { ...own, properties: {}, required: [] };
  for (const part of [...(own.allOf ?? []).map(flat), own]) {
    Object.assign(merged.properties, part.properties);
    merged.required = [...merged.required, ...(part.required ?? [])];
    merged.type ??= part.type;
  }
  const choices = (own.anyOf ?? own.oneOf ?? []).map(flat).filter((one) => one.type || one.name || Object.keys(one.properties).length);
  const others = choices.filter((one) => one.type !== "null");
  if (others.length === 1 && choices.length === 2) {
    return { ...others[0], description: own.description ?? others[0].description, orNull: true };
  }
  return { ...merged, choices: others };
}

function typeText(schema) {
  const types = [schema.type ?? []].flat();
  const words = types.filter((type) => type !== "null").map((type) => {
    if (type === "array" && schema.items) return `array of ${typeText(flat(schema.items))}`;
    return type === "object" && schema.name ? schema.name : (schema.format ?? type);
  });
  if (schema.choices?.length) words.push(schema.choices.map(typeText).join(" or "));
  if (schema.const !== undefined) words.push(JSON.stringify(schema.const));
  if (!words.length) words.push("any");
  if (schema.orNull || types.includes("null")) words.push("or null");
  return words.join(" ");
}

function limits(schema) {
  const said = [];
  if (schema.minimum !== undefined || schema.maximum !== undefined) said.push(`${schema.minimum ?? "…"} to ${schema.maximum ?? "…"}`);
  if (schema.exclusiveMinimum !== undefined) said.push(`more than ${schema.exclusiveMinimum}`);
  if (schema.minItems !== undefined || schema.maxItems !== undefined) said.push(`${schema.minItems ?? 0} to ${schema.maxItems ?? "…"} of them`);
  if (schema.maxLength !== undefined) said.push(`at most ${schema.maxLength} characters`);
  if (schema.maxProperties !== undefined) said.push(`at most ${schema.maxProperties} pairs`);
  if (schema.default !== undefined) said.push(`${JSON.stringify(schema.default)} by default`);
  return said.join("; ");
}

// What there is to open below a schema: its own members, those of its elements, or of each choice.
function inner(schema) {
  const at = schema.items ? flat(schema.items) : schema;
  const parts = at.choices?.length ? at.choices : [at];
  return parts.filter((part) => Object.keys(part.properties ?? {}).length);
}

// Drawn when it is opened: schemas lead into each other.
function Fold({ label, children }) {
  const [open, setOpen] = useState(false);
  return html`<details onToggle=${(event) => setOpen(event.target.open)}><summary>${label}</summary>${open && children()}</details>`;
}

function Value({ name, schema, must }) {
  const shape = flat(schema);
  const values = shape.enum ?? (shape.items && flat(shape.items).enum);
  const below = inner(shape);
  return html`<li><code class="name">${name}</code><span class="type">${typeText(shape)}</span>${must && html`<span class="must">required</span>`}
    <${Text} text=${shape.description} />
    ${limits(shape) && html`<p>${limits(shape)}</p>`}
    ${values && html`<p>One of ${values.map((value, i) => html`${i > 0 && ", "}<code>${String(value)}</code>`)}</p>`}
    ${below.length > 0 && html`<${Fold} label=${`Members of ${name}`}>${() => below.map((part) => html`<${Members} schema=${part} />`)}<//>`}</li>`;
}

export function Members({ schema }) {
  const shape = flat(schema);
  const parts = inner(shape);
  if (!parts.length) return html`<p>${typeText(shape)}${shape.description && ": "}${shape.description}</p>`;
  return parts.map((part) => html`${parts.length > 1 && html`<p>${part.description ?? part.name}</p>`}<ul role="list" class="members">
    ${Object.entries(part.properties).map(([name, value]) => html`<${Value} key=${name} name=${name} schema=${value} must=${part.required.includes(name)} />`)}</ul>`);
}

export function Parameters({ of }) {
  const all = (of.parameters ?? []).map(resolved);
  return ["path", "query", "header"].map((place) => {
    const some = all.filter((one) => one.in === place);
    return some.length > 0 && html`<h4>${{ path: "In the path", query: "Query", header: "Headers" }[place]}</h4>
      <ul role="list" class="members">${some.map((one) => html`<${Value} key=${one.name} name=${one.name} must=${one.required} schema=${{ ...resolved(one.schema), description: one.description }} />`)}</ul>`;
  });
}

export function Sample({ label, titled, text }) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false));
  return html`${titled && html`<p>${label}</p>`}<div class="sample"><pre tabindex="0" role="group" aria-label=${label}>${text}</pre>
    <button type="button" onClick=${copy} aria-label="Copy: ${label}">${copied ? "Copied" : "Copy"}</button></div>`;
}

function Answer({ status, answer }) {
  const [media] = Object.keys(answer.content ?? {});
  const content = answer.content?.[media];
  const examples = content?.examples ?? (content?.example === undefined ? {} : { example: { value: content.example } });
  const headers = Object.entries(answer.headers ?? {});
  return html`<li><span class="code">${status}</span><${Text} text=${answer.description} />
    ${(content?.schema || headers.length > 1) && html`<${Fold} label=${`${media ?? "Headers"} of ${status}`}>${() => html`
      ${headers.length > 0 && html`<h4>Headers</h4><ul role="list" class="members">${headers.map(([name, one]) => html`<${Value} key=${name} name=${name} schema=${{ ...resolved(resolved(one).schema), description: resolved(one).description }} />`)}</ul>`}
      ${content?.schema && html`<h4>Body</h4><${Members} schema=${content.schema} />`}
      ${Object.entries(examples).map(([name, one]) => resolved(one)).map((one, i) => html`<${Sample} key=${i} titled=${true} label=${one.summary ?? "Example"} text=${typeof one.value === "string" ? one.value : JSON.stringify(one.value, null, 2)} />`)}`}<//>`}</li>`;
}

// Refusals are the same everywhere: they lead to where they are told once.
export function Answers({ of }) {
  const all = Object.entries(of.responses).map(([status, value]) => ({ status, answer: resolved(value), shared: value.$ref?.includes("/Problem") }));
  const refusals = all.filter((one) => one.shared);
  return html`<ul role="list" class="answers">${all.filter((one) => !one.shared).map((one) => html`<${Answer} key=${one.status} ...${one} />`)}
    ${refusals.length > 0 && html`<li><${Fold} label=${`Refusals: ${refusals.map((one) => one.status).join(", ")}`}>${() => html`<ul role="list" class="answers">
      ${refusals.map((one) => html`<li key=${one.status}><span class="code">${one.status}</span><${Text} text=${one.answer.description} /></li>`)}</ul><p>Their form: <a href="#problems">Problems</a></p>`}<//></li>`}</ul>`;
}

// Submit a job: a model, its form with the example filled in, or the same as JSON.
import { html, useEffect, useState } from "./preact.js";
import { get, post } from "./session.js";
import { go, replace } from "./route.js";
import { Field } from "./fields.js";
import { useModels } from "./filters.js";
import { Fault, announce } from "./parts.js";

const FIRST = "google/imagen4";
const encoded = (id) => id.split("/").map(encodeURIComponent).join("/");

// "key=value" a line, or separated by commas.
function labelsOf(text) {
  const pairs = text.split(/[\n,]/).map((p) => p.trim()).filter(Boolean).map((p) => /^([^=]+)=(.*)$/.exec(p));
  return Object.fromEntries(pairs.filter(Boolean).map(([, key, value]) => [key.trim(), value.trim()]));
}

function ModelPicker({ models, id }) {
  const kinds = [...new Set(models.map((m) => m.kind))];
  return html`<div class="field"><label for="model">Model</label>
    <select id="model" value=${id} onChange=${(e) => replace(["submit"], { model: e.target.value })}>
      ${kinds.map((kind) => html`<optgroup label=${kind}>${models.filter((m) => m.kind === kind)
        .map((m) => html`<option value=${m.id}>${m.name} (${m.id})</option>`)}</optgroup>`)}
    </select></div>`;
}

export function Submit({ query }) {
  const models = useModels();
  const id = query.get("model") || FIRST;
  const from = query.get("from");
  const [model, setModel] = useState(null);
  const [input, setInput] = useState({});
  const [labels, setLabels] = useState("");
  const [priority, setPriority] = useState("0");
  const [asJson, setAsJson] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(() => crypto.randomUUID?.() ?? String(Math.random()));
  useEffect(() => {
    let ended = false;
    setError(null);
    (async () => {
      try {
        const next = await get(`/v1/models/${encoded(id)}`);
        const like = from ? await get(`/v1/jobs/${from}`) : null;
        if (ended) return;
        setModel(next);
        setInput(like && like.model === next.id ? like.input : next.example || {});
        setAsJson(null);
      } catch (fault) {
        if (!ended) setError(fault);
      }
    })();
    return () => void (ended = true);
  }, [id, from]);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const sent = asJson === null ? input : JSON.parse(asJson);
      const body = { model: model.id, input: sent, labels: labelsOf(labels), priority: Number(priority) || 0 };
      // The same key for the same click: a request that is sent twice makes one job.
      const job = await post("/v1/jobs", body, { "Idempotency-Key": key });
      announce("Job accepted");
      go(["jobs", job.id]);
    } catch (fault) {
      setKey(crypto.randomUUID?.() ?? String(Math.random()));
      setError(fault);
      setTimeout(() => document.querySelector(".field.bad input, .field.bad textarea, .field.bad select")?.focus());
    }
    setBusy(false);
  };
  const schema = model?.input || {};
  const fields = Object.entries(schema.properties || {});
  const required = schema.required || [];
  fields.sort(([a], [b]) => required.includes(b) - required.includes(a));
  const [shown, rest] = [fields.filter(([n]) => required.includes(n) || n in (model?.example || {}) || n in input),
    fields.filter(([n]) => !(required.includes(n) || n in (model?.example || {}) || n in input))];
  const errors = error?.errors || [];
  const change = (field) => (value) => setInput((before) => {
    const next = { ...before, [field]: value };
    if (value === undefined) delete next[field];
    return next;
  });
  const field = ([label, s]) => html`<${Field} key=${`${model.id} ${label}`} label=${label} schema=${s} value=${input[label]}
    onChange=${change(label)} required=${required.includes(label)} errors=${errors} />`;
  const toggle = () => {
    if (asJson === null) return setAsJson(JSON.stringify(input, null, 2));
    try {
      setInput(JSON.parse(asJson));
      setAsJson(null);
    } catch {
      setError(new Error("This is not JSON yet"));
    }
  };
  return html`<section class="submit">
    <header><h1>Submit a job</h1><button type="button" aria-pressed=${asJson !== null} onClick=${toggle}>As JSON</button></header>
    <${ModelPicker} models=${models} id=${model?.id || id} />
    ${model?.good_for && html`<p class="hint">${model.good_for}${model.typical_s ? ` Usually ${model.typical_s.from}–${model.typical_s.to} s.` : ""}</p>`}
    ${model && html`<form class="card" onSubmit=${submit} noValidate>
      ${asJson !== null ? html`<div class="field"><label for="json">Input as JSON</label>
          <textarea id="json" class="code" rows="14" spellcheck="false" value=${asJson} onInput=${(e) => setAsJson(e.target.value)}></textarea></div>`
        : html`${shown.map(field)}
          ${rest.length > 0 && html`<details open=${errors.length > 0}><summary>${rest.length} more options</summary>${rest.map(field)}</details>`}`}
      <div class="pair">
        <div class="field"><label for="labels">Labels</label><input id="labels" type="text" placeholder="project=spring, shot=3"
          value=${labels} onInput=${(e) => setLabels(e.target.value)} /></div>
        <div class="field"><label for="priority">Priority</label><input id="priority" type="number" min="-100" max="100"
          value=${priority} onInput=${(e) => setPriority(e.target.value)} /></div>
      </div>
      <${Fault} error=${error} />
      <div class="actions"><button type="submit" class="primary" disabled=${busy}>${busy ? "Submitting…" : "Submit"}</button></div>
    </form>`}
    ${!model && html`<${Fault} error=${error} />`}
  </section>`;
}

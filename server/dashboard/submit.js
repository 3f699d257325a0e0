// Submit a job: a model, its form with the example filled in, or the same as JSON.
import { html, useEffect, useRef, useState } from "./preact.js";
import { Unreachable, get, onContact, post } from "./session.js";
import { go, replace } from "./route.js";
import { Field, Fold, Labelled } from "./fields.js";
import { Holds } from "./file_field.js";
import { SETTINGS, Settings } from "./settings.js";
import { begin, bodyOf, draftOf, drop, keep, keyOf, objectOf, settle, shelf } from "./draft.js";
import { useModels } from "./filters.js";
import { Fault, announce } from "./parts.js";
import { number } from "./format.js";

const FIRST = "google/imagen4";
const FAMILIES = ["market", "gpt4o", "flux", "veo", "runway", "aleph", "suno", "midjourney", "luma"];
const BAD = '.field.bad :is(input:not(.hidden), textarea, select, button), [aria-invalid="true"]';
const encoded = (id) => id.split("/").map(encodeURIComponent).join("/");

// Of a model that the catalogue doesn't know there is no form, only its id, its family and JSON.
const custom = (id) => ({ id, custom: true, input: {}, example: {} });

async function load(id) {
  if (!id) return custom(id);
  return get(`/v1/models/${encoded(id)}`).catch((fault) => {
    if (fault.status !== 404) throw fault;
    return custom(id);
  });
}

function ModelPicker({ id, isCustom }) {
  const models = useModels();
  const kinds = [...new Set(models.map((m) => m.kind))];
  return html`<div class="field"><label for="model">Model</label>
    <select id="model" value=${isCustom ? "" : id} onChange=${(e) => replace(["submit"], { model: e.target.value })}>
      ${!models.length && !isCustom && html`<option value=${id}>${id}</option>`}
      ${kinds.map((kind) => html`<optgroup label=${kind}>${models.filter((m) => m.kind === kind)
        .map((m) => html`<option value=${m.id}>${m.name} (${m.id})</option>`)}</optgroup>`)}
      <option value="">Another one, by its id…</option>
    </select></div>`;
}

function OwnModel({ draft, errors, onChange }) {
  return html`<div class="pair even">
    <${Labelled} id="own-model" label="Model id" required errors=${errors} at="/model">${({ invalid, described, ...props }) => html`<input ...${props} type="text" placeholder="maker/model"
      aria-invalid=${invalid} aria-describedby=${described} value=${draft.id} onInput=${(e) => onChange("/model", { id: e.target.value })} />`}<//>
    <${Labelled} id="family" label="Family" errors=${errors} at="/family">${({ invalid, described, ...props }) => html`<select ...${props} aria-invalid=${invalid} aria-describedby=${described}
      value=${draft.family} onChange=${(e) => onChange("/family", { family: e.target.value })}>${FAMILIES.map((f) => html`<option value=${f}>${f}</option>`)}</select>`}<//>
  </div>`;
}

// What is known of the price before it is paid: the catalogue's, or what the last one took.
function Price({ model }) {
  const [last, setLast] = useState(null);
  useEffect(() => {
    if (model.custom || model.credits != null) return;
    get(`/v1/jobs?limit=1&status=succeeded&model=${encodeURIComponent(model.id)}`).then((page) => setLast(page.jobs[0]?.credits ?? null), () => {});
  }, [model.id]);
  const text = model.credits != null ? `About ${number(model.credits)} credits.` : last != null ? `The last one took ${number(last)} credits.` : "Its price is not known here.";
  return html`<span class="hint price">${text}</span>`;
}

// The fields of the input: those that matter, and the rest folded away.
function InputFields({ model, draft, errors, onChange }) {
  const required = model.input.required || [];
  const fields = Object.entries(model.input.properties || {}).sort(([a], [b]) => required.includes(b) - required.includes(a));
  const matters = ([name]) => required.includes(name) || name in (model.example || {}) || name in draft.input;
  const first = useRef(fields.filter(matters).map(([name]) => name)); // As it was: a field that is filled in stays where it is.
  const field = ([name, schema]) => html`<${Field} key=${name} field=${name} schema=${schema} value=${draft.input[name]} model=${model}
    onChange=${(value) => onChange(name, value)} required=${required.includes(name)} errors=${errors} />`;
  const rest = fields.filter(([name]) => !first.current.includes(name));
  return html`${fields.filter(([name]) => first.current.includes(name)).map(field)}
    ${rest.length > 0 && html`<${Fold} summary="${rest.length} more options" wanted=${errors.some((e) => rest.some(([name]) => e.pointer.startsWith(`/input/${name}`)))}>
      ${rest.map(field)}<//>`}`;
}

// A fault is told once: at its field, or here if it has none.
function Rest({ error, model, asJson }) {
  if (!error?.errors || (error.message && !error.errors.length)) return html`<${Fault} error=${error} />`;
  const fields = Object.keys(model.input.properties || {});
  const placed = ({ pointer }) => {
    const [, where, field] = pointer.split("/");
    return where === "input" ? asJson || fields.includes(field) : SETTINGS.includes(where) || (model.custom && ["model", "family"].includes(where));
  };
  const rest = error.errors.filter((e) => !placed(e));
  return rest.length ? html`<${Fault} error=${{ message: rest.map((e) => `${e.pointer} ${e.detail}`.trim()).join("; ") }} />` : null;
}

export function Submit({ query }) {
  const id = query.get("model") ?? (shelf.last || FIRST);
  const source = [query.get("from"), query.get("use")].join(" ");
  const [model, setModel] = useState(null);
  const [, draw] = useState(0);
  const [back, setBack] = useState(0);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const [holds, setHolds] = useState(new Map());
  useEffect(() => onContact(() => setBack((n) => n + 1)), []);
  const isLoaded = model !== null && model.asked === id && model.source === source;
  useEffect(() => {
    if (isLoaded) return;
    let ended = false;
    setError(null);
    (async () => {
      try {
        const next = await load(id);
        const kept = draftOf(next.id);
        const isKept = kept && (source === " " || kept.source === source);
        const like = !isKept && query.get("from") ? await get(`/v1/jobs/${query.get("from")}`) : null;
        if (ended) return;
        const draft = isKept ? keep(next.id, kept) : begin(next, { source, like, use: query.get("use") });
        if (next.custom && draft.text === null) draft.text = JSON.stringify(draft.input, null, 2);
        setModel({ ...next, asked: id, source });
      } catch (fault) {
        if (!ended) setError(fault);
      }
    })();
    return () => void (ended = true);
  }, [id, source, back, isLoaded]);

  // The shelf is what holds, not what was drawn last: two uploads may end within one drawing.
  const draft = model && draftOf(model.id);
  const edit = (change) => (keep(model.id, { ...draftOf(model.id), ...change }), draw((n) => n + 1));
  // What is changed is no longer what was refused.
  const change = (at, edited) => {
    setError((was) => (was?.errors?.length ? { errors: was.errors.filter((e) => !`${e.pointer}/`.startsWith(`${at}/`)) } : was));
    edit(edited);
  };
  const changeField = (name, value) => {
    const before = draftOf(model.id);
    const next = typeof value === "function" ? value(before.input[name]) : value;
    const { [name]: _, ...others } = before.input;
    change(`/input/${name}`, { input: next === undefined ? others : { ...before.input, [name]: next }, edited: { ...before.edited, [name]: next } });
  };
  const setting = (name, value) => {
    shelf.settings = { ...shelf.settings, [name]: value };
    change(`/${name}`, {});
  };
  const hold = (at, why) => setHolds((before) => {
    if (!why && !before.has(at)) return before;
    const next = new Map(before);
    if (why) next.set(at, why);
    else next.delete(at);
    return next;
  });
  const uploading = [...holds.values()].some((why) => !why.detail);
  const broken = [...holds.values()].some((why) => why.detail); // The field says it.
  const afresh = () => {
    drop(model.id);
    setError(null);
    setModel(null); // The example is read anew.
  };
  const fail = (fault) => {
    setError(fault);
    setTimeout(() => document.querySelector(BAD)?.focus());
  };
  const submit = async (event) => {
    event.preventDefault();
    if (busy || uploading) return;
    const { body, faults } = bodyOf(model, draft, shelf.settings);
    if (faults.length || broken) return fail({ errors: faults });
    setBusy(true);
    setError(null);
    try {
      const job = await post("/v1/jobs", body, { "Idempotency-Key": keyOf(body) });
      settle(body);
      announce("Job accepted");
      go(["jobs", job.id]);
      afresh();
    } catch (fault) {
      // The key is of no more use; any other refusal has not used it up, and of the rest nobody knows.
      if (fault.status === 409 || fault.code === "idempotency_conflict") settle(body);
      fail(fault);
    }
    setBusy(false);
  };
  const asJson = draft && draft.text !== null;
  const toggle = () => {
    if (!asJson) {
      if (broken) return fail({ errors: [] });
      return setError(null), edit({ text: JSON.stringify(draft.input, null, 2) });
    }
    try {
      const input = objectOf(draft.text);
      setError(null);
      edit({ input, edited: { ...draft.edited, ...input }, text: null });
    } catch (fault) {
      fail({ errors: [{ pointer: "/input", detail: fault.message }] });
    }
  };
  const errors = error?.errors || [];
  const wait = error instanceof Unreachable && !error.looked;
  return html`<section class="submit">
    <header><h1>Submit a job</h1>${draft && html`<div class="actions">
      <button type="button" class="quiet" onClick=${() => (afresh(), replace(["submit"], { model: model.id }))}>Start over</button>
      ${!model.custom && html`<button type="button" aria-pressed=${asJson} disabled=${uploading} onClick=${toggle}>As JSON</button>`}</div>`}</header>
    <${ModelPicker} key=${back} id=${model?.id ?? id} isCustom=${model?.custom ?? false} />
    ${model?.good_for && html`<p class="hint">${model.good_for}${model.typical_s ? ` Usually ${model.typical_s.from}–${model.typical_s.to} s.` : ""}</p>`}
    ${draft && html`<${Holds.Provider} value=${hold}><form class="card" onSubmit=${submit} noValidate key=${`${model.id} ${model.source}`}>
      ${model.custom && html`<${OwnModel} draft=${draft} errors=${errors} onChange=${change} />`}
      ${asJson ? html`<${Labelled} id="json" label="Input as JSON" errors=${errors} at="/input">${({ invalid, described, ...props }) => html`<textarea ...${props} class="code" rows="14" spellcheck="false"
          aria-invalid=${invalid} aria-describedby=${described} value=${draft.text} onInput=${(e) => change("/input", { text: e.target.value })}></textarea>`}<//>`
        : html`<${InputFields} model=${model} draft=${draft} errors=${errors} onChange=${changeField} />`}
      <${Settings} settings=${shelf.settings} errors=${errors} onChange=${setting} />
      <${Rest} error=${error} model=${model} asJson=${asJson} />
      ${wait && html`<p class="hint">Submit again as often as you like: it stays one job.</p>`}
      <div class="actions"><button type="submit" class="primary" disabled=${busy || uploading}>${busy ? "Submitting…" : uploading ? "Uploading…" : "Submit"}</button><${Price} key=${model.id} model=${model} /></div>
    </form><//>`}
    ${!model && html`<${Fault} error=${error} />`}
  </section>`;
}

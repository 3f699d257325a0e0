// The filters of a list: search box, statuses, model, label and time. They live in the address and nowhere else.
import { html, useEffect, useState } from "./preact.js";
import { go, replace } from "./route.js";
import { STATUSES } from "./format.js";
import { get } from "./session.js";
import { OwnTime, timeOf } from "./owntime.js";

const SPANS = { "1h": ["Last hour", 3600], "24h": ["Last day", 86400], "7d": ["Last week", 604800] };
const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/i;
const PAIR = /^[^=]+=/;
const PAIR_WANTED = "A label is wanted as key=value";

// Filters that no control shows: an address brings them, and each is shown as long as it holds.
const OTHERS = { caller: "Caller", kind: "Kind", family: "Family", error_code: "Error", billed: "Billed", batch_id: "Batch" };

// The address's query as the query of `GET /v1/jobs`. A label without a value is one that is empty.
export function listing(query) {
  const out = new URLSearchParams();
  for (const name of ["status", "model", ...Object.keys(OTHERS)]) {
    for (const value of query.getAll(name)) out.append(name, value);
  }
  for (const label of query.getAll("label")) {
    const [key, ...value] = label.split("=");
    out.set(`label.${key}`, value.join("="));
  }
  const since = SPANS[query.get("since")];
  if (since) out.set("created_after", new Date(Date.now() - since[1] * 1000).toISOString());
  for (const [name, to] of [["after", "created_after"], ["before", "created_before"]]) {
    const time = timeOf(query.get(name));
    if (time) out.set(to, time.toISOString());
  }
  return out;
}

let models = null;
export function useModels() {
  const [list, set] = useState([]);
  useEffect(() => {
    models ||= get("/v1/models").then((r) => r.models);
    models.then(set, () => (models = null));
  }, []);
  return list;
}

const short = (n) => (n > 9999 ? `${Math.floor(n / 1000)}k` : n);

function Others({ path, query }) {
  const shown = [...Object.keys(OTHERS).flatMap((name) => query.getAll(name).map((value) => [name, OTHERS[name], value])),
    ...query.getAll("model").slice(1).map((value) => ["model", "Model", value]),
    ...query.getAll("label").slice(1).map((value) => ["label", "Label", value])];
  const drop = (name, value) => {
    const next = new URLSearchParams(query);
    next.delete(name);
    query.getAll(name).filter((v) => v !== value).forEach((v) => next.append(name, v));
    replace(path, next);
  };
  if (!shown.length) return null;
  return html`<ul class="others" role="list" aria-label="Further filters">${shown.map(([name, text, value]) => html`<li class="tag" key=${name + value}>
    <span>${text}: <b>${value}</b></span><button type="button" class="quiet" aria-label="Without ${text.toLowerCase()} ${value}" onClick=${() => drop(name, value)}>✕</button></li>`)}</ul>`;
}

export function Filters({ path, query, counts }) {
  const list = useModels();
  const timed = timeOf(query.get("after")) || timeOf(query.get("before"));
  const [own, setOwn] = useState(!!timed);
  const change = (name, value) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    replace(path, next);
  };
  const changeTime = (value) => {
    const next = new URLSearchParams(query);
    ["since", "after", "before"].forEach((name) => next.delete(name));
    if (value === "own") next.set("after", new Date(Date.now() - 3600000).toISOString());
    else if (value) next.set("since", value);
    setOwn(value === "own");
    replace(path, next);
  };
  const on = query.getAll("status").flatMap((s) => s.split(","));
  const toggle = (status) => {
    const next = new URLSearchParams(query);
    next.delete("status");
    (on.includes(status) ? on.filter((s) => s !== status) : [...on, status]).forEach((s) => next.append("status", s));
    replace(path, next);
  };
  const search = (event) => {
    event.preventDefault();
    const box = event.target.elements.q;
    const text = box.value.trim();
    if (ID.test(text)) go(["jobs", text.toUpperCase()]);
    else if (PAIR.test(text)) change("label", text);
    else if (list.some((m) => m.id === text)) change("model", text);
    else box.setCustomValidity("A job's id, a model, or a label as key=value");
    box.reportValidity();
  };
  const label = (event) => {
    const text = event.target.value.trim();
    event.target.setCustomValidity(text && !PAIR.test(text) ? PAIR_WANTED : "");
    if (event.target.reportValidity()) change("label", text);
  };
  const clear = () => {
    setOwn(false);
    replace(path);
  };
  const model = query.get("model") || "", given = query.get("label") || "";
  return html`<div class="filters">
    <form role="search" onSubmit=${search}>
      <input name="q" type="search" placeholder="Job id, model or label=value" aria-label="Search jobs"
        aria-keyshortcuts="/" list="model-ids" onInput=${(e) => e.target.setCustomValidity("")} />
      <datalist id="model-ids">${list.map((m) => html`<option value=${m.id}>${m.name}</option>`)}</datalist>
    </form>
    <div class="pills" role="group" aria-label="Status">
      ${STATUSES.map((s) => html`<button type="button" key=${s} class="pill ${s}" aria-pressed=${on.includes(s)}
        onClick=${() => toggle(s)}>${s}${counts && html` <span>${short(counts[s])}</span>`}</button>`)}
    </div>
    <div class="selects">
      <select aria-label="Model" value=${model} onChange=${(e) => change("model", e.target.value)}>
        <option value="">Any model</option>
        ${model && !list.some((m) => m.id === model) && html`<option value=${model}>${model}</option>`}
        ${list.map((m) => html`<option value=${m.id}>${m.id}</option>`)}
      </select>
      <input type="text" aria-label="Label, as key=value" placeholder="Label: key=value" value=${given}
        aria-invalid=${given !== "" && !PAIR.test(given)} onInput=${(e) => e.target.setCustomValidity("")} onChange=${label} />
      <select aria-label="Time" value=${own || timed ? "own" : query.get("since") || ""} onChange=${(e) => changeTime(e.target.value)}>
        <option value="">Any time</option>
        ${Object.entries(SPANS).map(([id, [text]]) => html`<option value=${id}>${text}</option>`)}
        <option value="own">From … to …</option>
      </select>
      ${(query.toString() || own) && html`<button type="button" class="quiet" onClick=${clear}>Clear</button>`}
    </div>
    ${given && !PAIR.test(given) && html`<p class="fault" role="alert">${PAIR_WANTED}</p>`}
    ${(own || timed) && html`<${OwnTime} query=${query} onChange=${change} />`}
    <${Others} path=${path} query=${query} />
  </div>`;
}

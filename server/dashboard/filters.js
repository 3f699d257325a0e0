// The filters of a list: search box, statuses, model, label and time. They live in the address and nowhere else.
import { html, useEffect, useState } from "./preact.js";
import { go, replace } from "./route.js";
import { STATUSES } from "./format.js";
import { get } from "./session.js";

const SPANS = { "1h": ["Last hour", 3600], "24h": ["Last day", 86400], "7d": ["Last week", 604800] };
const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/i;

// The address's query as the query of `GET /v1/jobs`.
export function listing(query) {
  const out = new URLSearchParams();
  for (const name of ["status", "model", "caller", "kind", "error_code", "batch_id"]) {
    for (const value of query.getAll(name)) out.append(name, value);
  }
  const label = /^([^=]+)=(.*)$/.exec(query.get("label") || "");
  if (label) out.set(`label.${label[1]}`, label[2]);
  const since = SPANS[query.get("since")];
  // To the minute, so that the same filter asks the same question twice.
  if (since) out.set("created_after", new Date(Math.floor(Date.now() / 60000) * 60000 - since[1] * 1000).toISOString());
  for (const [name, to] of [["after", "created_after"], ["before", "created_before"]]) {
    const time = new Date(query.get(name) || NaN);
    if (!Number.isNaN(time.getTime())) out.set(to, time.toISOString());
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

export function Filters({ path, query, counts }) {
  const list = useModels();
  const change = (name, value) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    if (name === "since") ["after", "before"].forEach((n) => next.delete(n));
    replace(path, next);
  };
  const toggle = (status) => {
    const next = new URLSearchParams(query);
    const on = next.getAll("status").flatMap((s) => s.split(","));
    next.delete("status");
    const wanted = on.includes(status) ? on.filter((s) => s !== status) : [...on, status];
    wanted.forEach((s) => next.append("status", s));
    replace(path, next);
  };
  const search = (event) => {
    event.preventDefault();
    const box = event.target.elements.q;
    const text = box.value.trim();
    if (ID.test(text)) go(["jobs", text.toUpperCase()]);
    else if (text.includes("=")) change("label", text);
    else if (list.some((m) => m.id === text)) change("model", text);
    else box.setCustomValidity("A job's id, a model, or a label as key=value");
    box.reportValidity();
  };
  const on = query.getAll("status").flatMap((s) => s.split(","));
  return html`<div class="filters">
    <form role="search" onSubmit=${search}>
      <input name="q" type="search" placeholder="Job id, model or label=value" aria-label="Search jobs"
        aria-keyshortcuts="/" list="model-ids" onInput=${(e) => e.target.setCustomValidity("")} />
      <datalist id="model-ids">${list.map((m) => html`<option value=${m.id}>${m.name}</option>`)}</datalist>
    </form>
    <div class="pills" role="group" aria-label="Status">
      ${STATUSES.map((s) => html`<button type="button" key=${s} class="pill ${s}" aria-pressed=${on.includes(s)}
        onClick=${() => toggle(s)}>${s}${counts && html` <span>${counts[s] > 9999 ? `${Math.floor(counts[s] / 1000)}k` : counts[s]}</span>`}</button>`)}
    </div>
    <div class="selects">
      <select aria-label="Model" value=${query.get("model") || ""} onChange=${(e) => change("model", e.target.value)}>
        <option value="">Any model</option>
        ${list.map((m) => html`<option value=${m.id}>${m.id}</option>`)}
      </select>
      <input type="text" aria-label="Label, as key=value" placeholder="Label: key=value" value=${query.get("label") || ""}
        onChange=${(e) => change("label", e.target.value.trim())} />
      <select aria-label="Time" value=${query.get("after") || query.get("before") ? "own" : query.get("since") || ""}
        onChange=${(e) => (e.target.value === "own" ? change("after", new Date(Date.now() - 3600000).toISOString()) : change("since", e.target.value))}>
        <option value="">Any time</option>
        ${Object.entries(SPANS).map(([id, [text]]) => html`<option value=${id}>${text}</option>`)}
        <option value="own">From … to …</option>
      </select>
      ${(query.get("after") || query.get("before")) && ["after", "before"].map((name) => html`<input type="datetime-local"
        key=${name} aria-label=${name === "after" ? "Created after" : "Created before"} value=${local(query.get(name))}
        onChange=${(e) => change(name, e.target.value && new Date(e.target.value).toISOString())} />`)}
      ${query.toString() && html`<button type="button" class="quiet" onClick=${() => replace(path)}>Clear</button>`}
    </div>
  </div>`;
}

function local(time) {
  if (!time) return "";
  const at = new Date(time);
  return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

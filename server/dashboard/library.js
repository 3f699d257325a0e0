// What stands beside the queue: the gallery of outputs, the models, and what was used.
import { html, useEffect, useState } from "./preact.js";
import { get } from "./session.js";
import { useLive } from "./live.js";
import { replace } from "./route.js";
import { listing, useModels } from "./filters.js";
import { Thumbnail } from "./media.js";
import { Empty, Fault } from "./parts.js";
import { count, number, title } from "./format.js";

export function Gallery({ query }) {
  const [jobs, setJobs] = useState([]);
  const [cursor, setCursor] = useState(null);
  const [error, setError] = useState(null);
  const filter = listing(query);
  filter.set("status", "succeeded");
  const path = `/v1/jobs?${filter}&limit=48`;
  useLive(async () => {
    try {
      const page = await get(path);
      setJobs((before) => {
        const last = page.jobs.at(-1)?.id;
        return page.next_cursor && before.length > 48 ? [...page.jobs, ...before.filter((j) => j.id < last)] : page.jobs;
      });
      setCursor((before) => before || page.next_cursor);
    } catch (fault) {
      setError(fault);
    }
  }, { ms: 10000, key: path, wanted: (e) => e.status === "succeeded" });
  useEffect(() => (setJobs([]), setCursor(null)), [path]);
  const more = async () => {
    const page = await get(`${path}&cursor=${encodeURIComponent(cursor)}`);
    setJobs((before) => [...before, ...page.jobs]);
    setCursor(page.next_cursor);
  };
  const shown = jobs.filter((job) => job.outputs.length);
  return html`<section class="gallery"><header><h1>Gallery</h1>
      <select aria-label="Kind" value=${query.get("kind") || ""} onChange=${(e) => replace(["gallery"], e.target.value ? { kind: e.target.value } : {})}>
        <option value="">Everything</option>${["image", "video", "music", "speech"].map((k) => html`<option value=${k}>${k}</option>`)}</select></header>
    <${Fault} error=${error} />
    ${!shown.length && html`<${Empty} title="Nothing here yet">Outputs of jobs that succeeded appear here.<//>`}
    <ul role="list" class="grid">${shown.map((job) => html`<li key=${job.id}><a href="#/jobs/${job.id}">
      <${Thumbnail} job=${job.id} output=${job.outputs[0]} width=${320} alt="" />
      <span class="what"><b>${title(job)}</b><small>${job.model}${job.outputs.length > 1 ? ` · ${job.outputs.length}` : ""}</small></span></a></li>`)}</ul>
    ${cursor && shown.length > 0 && html`<button type="button" onClick=${more}>Older ones</button>`}
  </section>`;
}

export function Models({ query, id }) {
  const models = useModels();
  const words = (query.get("q") || "").toLowerCase();
  const shown = models.filter((m) => (!id || m.id === id) && (!words || `${m.id} ${m.name} ${m.good_for} ${m.kind}`.toLowerCase().includes(words)));
  const kinds = [...new Set(shown.map((m) => m.kind))];
  return html`<section class="models"><header><h1>Models</h1>
      <input type="search" aria-label="Search models" placeholder="Search models" value=${query.get("q") || ""}
        onInput=${(e) => replace(["models"], e.target.value ? { q: e.target.value } : {})} /></header>
    ${id && html`<p class="crumbs"><a href="#/models">All models</a></p>`}
    ${models.length > 0 && !shown.length && html`<${Empty} title="No such model" />`}
    ${kinds.map((kind) => html`<section key=${kind} aria-label=${kind}><h2>${kind}</h2><ul role="list" class="grid wide">
      ${shown.filter((m) => m.kind === kind).map((m) => html`<li key=${m.id} class="card"><h3><a href="#/models/${encodeURIComponent(m.id)}">${m.name}</a></h3>
        <code>${m.id}</code><p>${m.good_for || m.note || ""}</p>
        <p class="hint">${m.measured_s ? `${number(m.measured_s.median)} s here` : m.typical_s ? `${m.typical_s.from}–${m.typical_s.to} s` : ""}${m.credits ? ` · ${m.credits} credits` : ""}</p>
        <div class="actions"><a class="button" href="#/submit?model=${encodeURIComponent(m.id)}" aria-label="Try it: ${m.name}">Try it</a>
          <a class="button quiet" href="#/jobs?model=${encodeURIComponent(m.id)}" aria-label="Jobs of ${m.name}">Jobs</a></div></li>`)}
    </ul></section>`)}
  </section>`;
}

export function Usage({ query }) {
  const [usage, setUsage] = useState(null);
  const [credits, setCredits] = useState(null);
  const [error, setError] = useState(null);
  const by = query.get("by") || "model", days = Number(query.get("days") || 1);
  useLive(async () => {
    try {
      const from = new Date(Math.floor(Date.now() / 86400000 - days + 1) * 86400000).toISOString();
      setUsage(await get(`/v1/usage?by=${encodeURIComponent(by)}&from=${from}`));
      setCredits(await get("/v1/credits").catch(() => null));
      setError(null);
    } catch (fault) {
      setError(fault);
    }
  }, { ms: 15000, key: `${by} ${days}`, wanted: () => false });
  const groups = (usage?.usage || []).map((g) => ({ ...g, spent: g.credits + g.credits_estimated })).sort((a, b) => b.spent - a.spent);
  const most = Math.max(1, ...groups.map((g) => g.spent));
  return html`<section class="usage"><header><h1>Credits</h1><div class="actions">
      <select aria-label="Group by" value=${by} onChange=${(e) => replace(["usage"], { by: e.target.value, days })}>
        <option value="model">By model</option><option value="caller">By caller</option></select>
      <select aria-label="Time" value=${days} onChange=${(e) => replace(["usage"], { by, days: e.target.value })}>
        <option value="1">Today</option><option value="7">7 days</option><option value="30">30 days</option></select></div></header>
    <${Fault} error=${error} />
    <div class="tiles"><div class="tile credits"><span>Balance</span><strong>${number(credits?.credits)}</strong><small>at kie.ai</small></div>
      ${usage && html`<div class="tile"><span>Used</span><strong>${number(usage.total.credits + usage.total.credits_estimated)}</strong><small>${count(usage.total.jobs)} jobs</small></div>
      <div class="tile"><span>Reserved</span><strong>${number(usage.total.credits_reserved)}</strong><small>may still be billed</small></div>`}</div>
    <div class="card scroll" tabindex="0" role="region" aria-label="Use of credits"><table><thead><tr><th scope="col">${by}</th><th scope="col">Credits</th><th scope="col" class="wide">Share</th><th scope="col">Jobs</th><th scope="col">Failed</th></tr></thead>
      <tbody>${groups.map((g) => html`<tr key=${g.key}><th scope="row">${g.key ?? "none"}</th><td>${number(g.spent)}</td>
        <td class="wide"><meter min="0" max=${most} value=${g.spent} aria-label="Credits of ${g.key}"></meter></td><td>${count(g.jobs)}</td><td>${count(g.statuses.failed)}</td></tr>`)}</tbody></table>
      ${usage && !groups.length && html`<${Empty} title="Nothing used" />`}</div>
  </section>`;
}

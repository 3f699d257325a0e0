// What is to be known of a job besides its outputs and its time: facts, the jobs it comes from and leads to.
import { html, useState } from "./preact.js";
import { get } from "./session.js";
import { useLive } from "./live.js";
import { Status } from "./parts.js";
import { clock, count, isOver, moment, title } from "./format.js";

const ID = /\b([0-9A-HJKMNP-TV-Z]{26})\b/;
const SHOWN = 10;

// A text of the daemon in which ids of jobs lead to them.
export const linked = (text) => text.split(ID).map((part, i) => (i % 2 ? html`<a href="#/jobs/${part}">${part}</a>` : part));

export function Facts({ job }) {
  const { upstream } = job;
  const facts = [
    ["Job", html`<code>${job.id}</code>`],
    ["Model", html`<a href="#/models/${job.model}">${job.model}</a>`],
    ["Caller", html`<a href="#/jobs?caller=${encodeURIComponent(job.caller)}">${job.caller}</a>`],
    ["Credits", job.credits ?? (job.billed === "yes" ? "billed" : job.billed === "unknown" ? "unknown" : "none")],
    ["kie.ai task", upstream.task_id && html`<code>${upstream.task_id}</code>`],
    ["Attempts", upstream.attempts],
    ["Asked kie.ai", upstream.polls > 0 && `${count(upstream.polls)} ${upstream.polls === 1 ? "time" : "times"}${upstream.last_polled_at ? `, last at ${clock(upstream.last_polled_at)}` : ""}`],
    ["Asks again", !isOver(job.status) && upstream.next_poll_at && clock(upstream.next_poll_at)],
    ["Priority", job.priority || null],
    ["Scheduled", job.scheduled_at && moment(job.scheduled_at)],
    ["Deadline", job.deadline_at && moment(job.deadline_at)],
    ["Labels", Object.keys(job.labels).length > 0 && Object.entries(job.labels).map(([key, value]) =>
      html`<a class="tag" href="#/jobs?label=${encodeURIComponent(`${key}=${value}`)}">${key}=${value}</a> `)],
    ["Same as", job.reused_from && html`<a href="#/jobs/${job.reused_from}"><code>${job.reused_from}</code></a>`],
  ].filter(([, value]) => value || value === 0);
  return html`<section class="card" aria-labelledby="facts"><h2 id="facts">Details</h2>
    <dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
  </section>`;
}

function Kin({ id, label, jobs, more }) {
  return jobs.length > 0 && html`<section class="card short" aria-labelledby=${id}><h2 id=${id}>${label}</h2>
    <ul role="list">${jobs.map((job) => html`<li key=${job.id}>${job.status ? html`<a href="#/jobs/${job.id}"><span class="what"><b>${title(job)}</b></span><span><${Status} status=${job.status} /> <small>${job.model}</small></span></a>`
      : html`<code>${job.id}</code> <small>deleted</small>`}</li>`)}</ul>
    ${more > 0 && html`<p class="hint">and ${count(more)} more</p>`}</section>`;
}

// The jobs whose outputs it takes, and those that take its own. It waits for the first until they are over.
export function Family({ job }) {
  const [known, setKnown] = useState({});
  const from = job.depends_on.slice(0, SHOWN), to = job.dependants.slice(0, SHOWN);
  const ids = [...from, ...to];
  useLive(async () => {
    const found = await Promise.all(ids.map((id) => get(`/v1/jobs/${id}`).catch((fault) => (fault.status === 404 ? { id } : null))));
    setKnown(Object.fromEntries(found.filter(Boolean).map((one) => [one.id, one])));
  }, { ms: 5000, key: ids.join(), wanted: (event) => ids.includes(event.job_id) });
  const of = (list) => list.map((id) => known[id]).filter(Boolean);
  const parents = of(from);
  const waits = (parent) => job.status === "queued" && parent.status && !isOver(parent.status);
  return ids.length > 0 && html`<div class="columns">
    <${Kin} id="waits" label="Waits for" jobs=${parents.filter(waits)} more=${0} />
    <${Kin} id="parents" label="Made from" jobs=${parents.filter((parent) => !waits(parent))} more=${job.depends_on.length - from.length} />
    <${Kin} id="children" label="Used by" jobs=${of(to)} more=${job.dependants.length - to.length} /></div>`;
}

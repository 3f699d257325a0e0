// One job: what it makes, how its time went, what was said about it, and what can be done.
import { html, useState } from "./preact.js";
import { get, post } from "./session.js";
import { useLive } from "./live.js";
import { Confirm, Fault, Progress, Status, announce } from "./parts.js";
import { Outputs } from "./media.js";
import { clock, duration, isOver, moment, reasonText, title } from "./format.js";

// The stages between the times that the job knows. A stage that still lasts ends now.
export function stages(job, now = Date.now()) {
  const at = (time) => (time ? Date.parse(time) : null);
  const end = at(job.finished_at) ?? now;
  const submitted = at(job.submitted_at), generated = at(job.generated_at), created = at(job.created_at);
  const list = [{ name: "waited", from: created, to: submitted ?? end }];
  if (submitted) list.push({ name: "generated", from: submitted, to: generated ?? end });
  if (generated) list.push({ name: "downloaded", from: generated, to: end });
  return list.map((stage) => ({ ...stage, ms: Math.max(0, stage.to - stage.from) }));
}

function TimeLine({ job }) {
  const list = stages(job);
  const total = list.reduce((sum, stage) => sum + stage.ms, 0) || 1;
  const words = { waited: "Waited", generated: "Generated", downloaded: "Downloaded" };
  return html`<section class="card" aria-labelledby="times">
    <h2 id="times">Time line <small>${duration(total)} in all</small></h2>
    <div class="bar" aria-hidden="true">
      ${list.map((s) => html`<i key=${s.name} class=${s.name} style=${{ flexGrow: Math.max(s.ms / total, 0.02) }}></i>`)}
    </div>
    <dl class="legend">
      <div><dt>Accepted</dt><dd>${clock(job.created_at)}</dd></div>
      ${list.map((s) => html`<div key=${s.name} class=${s.name}><dt><i aria-hidden="true"></i>${words[s.name]}</dt><dd>${duration(s.ms)}</dd></div>`)}
      <div><dt>Submitted</dt><dd>${clock(job.submitted_at)}</dd></div>
      <div><dt>Polls</dt><dd>${job.upstream.polls}</dd></div>
    </dl>
  </section>`;
}

function Events({ events }) {
  return html`<section class="card" aria-labelledby="events"><h2 id="events">Events</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of events"><table>
      <thead><tr><th scope="col">Time</th><th scope="col">Status</th><th scope="col">After</th><th scope="col">Detail</th></tr></thead>
      <tbody>${events.map((event, i) => html`<tr key=${event.id}>
        <td>${clock(event.at)}</td><td><${Status} status=${event.status} /></td>
        <td>${i ? duration(Date.parse(event.at) - Date.parse(events[i - 1].at)) : ""}</td><td>${event.detail || ""}</td>
      </tr>`)}</tbody>
    </table></div>
  </section>`;
}

function Facts({ job }) {
  const facts = [
    ["Job", html`<code>${job.id}</code>`],
    ["Model", html`<a href="#/models/${job.model}">${job.model}</a>`],
    ["Caller", job.caller],
    ["Credits", job.credits ?? (job.billed === "yes" ? "billed" : job.billed === "unknown" ? "unknown" : "none")],
    ["kie.ai task", job.upstream.task_id && html`<code>${job.upstream.task_id}</code>`],
    ["Attempts", job.upstream.attempts],
    ["Priority", job.priority || null],
    ["Scheduled", job.scheduled_at && moment(job.scheduled_at)],
    ["Deadline", job.deadline_at && moment(job.deadline_at)],
    ["Next poll", !isOver(job.status) && job.upstream.next_poll_at && clock(job.upstream.next_poll_at)],
    ["Labels", Object.keys(job.labels).length > 0 && Object.entries(job.labels).map(([key, value]) =>
      html`<a class="tag" href="#/jobs?label=${encodeURIComponent(`${key}=${value}`)}">${key}=${value}</a> `)],
    ["Waits for", job.depends_on.length > 0 && job.depends_on.map((id) => html`<a href="#/jobs/${id}"><code>${id}</code></a> `)],
    ["Same as", job.reused_from && html`<a href="#/jobs/${job.reused_from}"><code>${job.reused_from}</code></a>`],
  ].filter(([, value]) => value || value === 0);
  return html`<section class="card" aria-labelledby="facts"><h2 id="facts">Details</h2>
    <dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
  </section>`;
}

// What would be paid anew: a failed generation, and a create of which nobody knows whether it arrived.
const paysAnew = (job) => job.error?.code === "generation_failed" || job.error?.code === "rejected" ||
  (job.error?.code === "submit_unknown" && !job.upstream.task_id);

function Actions({ job, onChange }) {
  const [asked, setAsked] = useState(null);
  const [error, setError] = useState(null);
  const act = async (path, body, said) => {
    setAsked(null);
    try {
      onChange(await post(path, body));
      setError(null);
      announce(said);
    } catch (fault) {
      // The daemon knows better whether it would be paid again.
      if (fault.code === "conflict" && path === job.links.retry && !body.resubmit) return setAsked("resubmit");
      setError(fault);
    }
  };
  const retry = () => (paysAnew(job) ? setAsked("resubmit") : act(job.links.retry, {}, "Job taken up again"));
  const canRetry = job.status === "failed" || (job.status === "canceled" && job.upstream.task_id);
  const again = `#/submit?model=${encodeURIComponent(job.model)}&from=${job.id}`;
  return html`<div class="actions">
    ${!isOver(job.status) && html`<button type="button" onClick=${() => setAsked("cancel")}>Cancel</button>`}
    ${canRetry && html`<button type="button" class="primary" onClick=${retry}>Retry</button>`}
    <a class="button" href=${again}>Use as template</a>
    <${Fault} error=${error} />
    ${asked === "cancel" && html`<${Confirm} title="Cancel this job?" danger action="Cancel the job"
      text=${job.billed === "no" ? "It has not been submitted: nothing is spent." : "kie.ai already works on it and can't be stopped: it is paid all the same."}
      onYes=${() => act(job.links.cancel, {}, "Job canceled")} onClose=${() => setAsked(null)} />`}
    ${asked === "resubmit" && html`<${Confirm} title="Submit it again?" danger action="Submit and pay again"
      text="This makes a new task at kie.ai, which takes credits anew."
      onYes=${() => act(job.links.retry, { resubmit: true }, "Job submitted again")} onClose=${() => setAsked(null)} />`}
  </div>`;
}

export function JobPage({ id }) {
  const [job, setJob] = useState(null);
  const [events, setEvents] = useState([]);
  const [error, setError] = useState(null);
  useLive(async () => {
    try {
      const [next, history] = await Promise.all([get(`/v1/jobs/${id}`), get(`/v1/jobs/${id}/events`)]);
      setJob((before) => {
        if (before && before.id === id && before.status !== next.status) announce(`Job ${next.status}`);
        return next;
      });
      setEvents(history.events);
      setError(null);
    } catch (fault) {
      setError(fault);
    }
  }, { ms: job && isOver(job.status) ? 30000 : 1500, key: id, wanted: (event) => event.job_id === id });
  if (!job || job.id !== id) return html`<${Fault} error=${error} />`;
  return html`<article class="job">
    <p class="crumbs"><a href="#/jobs">Jobs</a> / <code>${job.id}</code></p>
    <header>
      <div><h1>${title(job)}</h1><p><${Status} status=${job.status} /> <span>${job.model}</span> <${Progress} job=${job} /></p></div>
      <${Actions} job=${job} onChange=${setJob} />
    </header>
    ${job.error && html`<section class="card trouble" aria-label="Why it failed"><h2>${job.error.message}</h2>
      ${job.error.advice && html`<p>${job.error.advice}</p>`}
      <p><code>${job.error.code}</code>${job.error.upstream_message && html` kie.ai: ${job.error.upstream_code} ${job.error.upstream_message}`}</p></section>`}
    ${job.queue && html`<section class="card calm" aria-label="Why it waits"><h2>${reasonText(job.queue.reason)}</h2>
      <p>${job.queue.detail || ""}${job.queue.position ? ` · number ${job.queue.position} in line` : ""}${job.queue.estimated_start_at ? ` · starts about ${clock(job.queue.estimated_start_at)}` : ""}</p></section>`}
    ${job.warnings.length > 0 && html`<section class="card calm" aria-label="Warnings"><ul>${job.warnings.map((w) => html`<li>${w}</li>`)}</ul></section>`}
    ${job.outputs.length > 0 && html`<${Outputs} job=${job.id} outputs=${job.outputs} title=${title(job)} />`}
    <${TimeLine} job=${job} />
    <div class="columns">
      <${Facts} job=${job} />
      <section class="card" aria-labelledby="input"><h2 id="input">Input</h2>
        <pre tabindex="0" role="region" aria-label="The input as JSON">${JSON.stringify(job.input, null, 2)}</pre></section>
    </div>
    ${job.result && html`<section class="card" aria-labelledby="result"><h2 id="result">Result</h2>
      <pre tabindex="0" role="region" aria-label="The result as JSON">${JSON.stringify(job.result, null, 2)}</pre></section>`}
    <${Events} events=${events} />
  </article>`;
}

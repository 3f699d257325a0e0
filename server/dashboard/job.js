// One job: what it makes, how its time went, what was said about it, and what can be done.
import { html, useState } from "./preact.js";
import { get, post } from "./session.js";
import { useLive } from "./live.js";
import { Confirm, Fault, Progress, Status, announce } from "./parts.js";
import { Outputs } from "./media.js";
import { Result, Texts } from "./texts.js";
import { Events, TimeLine } from "./timeline.js";
import { Facts, Family, linked } from "./details.js";
import { Batch } from "./batch.js";
import { Deliveries } from "./deliveries.js";
import { UseAsInput } from "./follow.js";
import { clock, isOver, moment, reasonText, title } from "./format.js";

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
    <${UseAsInput} job=${job} />
    <${Fault} error=${error} />
    ${asked === "cancel" && html`<${Confirm} title="Cancel this job?" danger action="Cancel the job"
      text=${job.billed === "no" ? "It has not been submitted: nothing is spent." : "kie.ai already works on it and can't be stopped: it is paid all the same."}
      onYes=${() => act(job.links.cancel, {}, "Job canceled")} onClose=${() => setAsked(null)} />`}
    ${asked === "resubmit" && html`<${Confirm} title="Submit it again?" danger action="Submit and pay again"
      text="This makes a new task at kie.ai, which takes credits anew."
      onYes=${() => act(job.links.retry, { resubmit: true }, "Job submitted again")} onClose=${() => setAsked(null)} />`}
  </div>`;
}

// Why it is not at kie.ai yet, and when it will be.
function Waits({ job }) {
  const { reason, detail, position, estimated_start_at } = job.queue;
  const words = [
    reason === "scheduled" ? `It starts at ${moment(job.scheduled_at)} at the earliest` : detail && linked(detail),
    position === 0 ? "next in line" : position ? `${position} go first` : "",
    estimated_start_at && reason !== "scheduled" ? `starts about ${clock(estimated_start_at)}` : "",
  ].filter(Boolean);
  return html`<section class="card calm" aria-label="Why it waits"><h2>${reasonText(reason)}</h2>
    <p>${words.map((part, i) => [i > 0 && " · ", part])}</p></section>`;
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
    ${job.error && html`<section class="card trouble" aria-label="Why it failed"><h2>${linked(job.error.message)}</h2>
      ${job.error.advice && html`<p>${linked(job.error.advice)}</p>`}
      <p><code>${job.error.code}</code>${job.error.upstream_message && html` kie.ai: ${job.error.upstream_code} ${job.error.upstream_message}`}</p></section>`}
    ${job.queue && html`<${Waits} job=${job} />`}
    ${job.warnings.length > 0 && html`<section class="card calm" aria-label="Warnings"><ul>${job.warnings.map((w) => html`<li>${w}</li>`)}</ul></section>`}
    <${Texts} result=${job.result} />
    <${Outputs} job=${job} name=${title(job)} />
    <${TimeLine} job=${job} />
    ${job.batch_id && html`<${Batch} id=${job.batch_id} />`}
    <${Family} job=${job} />
    <div class="columns">
      <${Facts} job=${job} />
      <section class="card" aria-labelledby="input"><h2 id="input">Input</h2>
        <pre tabindex="0" role="region" aria-label="The input as JSON">${JSON.stringify(job.input, null, 2)}</pre></section>
    </div>
    ${job.result && html`<${Result} result=${job.result} />`}
    <${Deliveries} job=${job.id} />
    <${Events} events=${events} />
  </article>`;
}

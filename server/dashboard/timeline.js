// How a job's time went: its stages as a bar, and its events one by one.
import { html } from "./preact.js";
import { Status } from "./parts.js";
import { clock, duration, isOver, moment } from "./format.js";

// A stage that lasts, and one that is over.
const WORDS = { waited: ["Waiting", "Waited"], generated: ["Generating", "Generated"], downloaded: ["Downloading", "Downloaded"] };

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

export function TimeLine({ job }) {
  const list = stages(job);
  const total = list.reduce((sum, stage) => sum + stage.ms, 0) || 1;
  const over = isOver(job.status);
  const word = (stage, i) => WORDS[stage.name][over || i < list.length - 1 ? 1 : 0];
  const told = Object.fromEntries(list.map((stage, i) => [stage.name, html`<div key=${stage.name} class=${stage.name}><dt><i aria-hidden="true"></i>${word(stage, i)}</dt><dd>${duration(stage.ms)}</dd></div>`]));
  const time = (name, at) => at && html`<div key=${name}><dt>${name}</dt><dd><time dateTime=${at} title=${moment(at)}>${clock(at)}</time></dd></div>`;
  return html`<section class="card" aria-labelledby="times">
    <h2 id="times">Time line <small>${duration(total)} ${over ? "in all" : "so far"}</small></h2>
    <div class="bar" aria-hidden="true">
      ${list.map((s) => html`<i key=${s.name} class=${s.name} style=${{ flexGrow: Math.max(s.ms / total, 0.02) }}></i>`)}
    </div>
    <dl class="legend">
      <div><dt>Accepted</dt><dd><time dateTime=${job.created_at}>${moment(job.created_at)}</time></dd></div>
      ${told.waited}
      ${time("Submitted", job.submitted_at)}
      ${told.generated}
      ${told.downloaded}
      ${time({ succeeded: "Stored", failed: "Failed", canceled: "Canceled" }[job.status], job.finished_at)}
    </dl>
  </section>`;
}

export function Events({ events }) {
  return html`<section class="card" aria-labelledby="events"><h2 id="events">Events</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of events"><table>
      <thead><tr><th scope="col">Time</th><th scope="col">Status</th><th scope="col">After</th><th scope="col">Detail</th></tr></thead>
      <tbody>${events.map((event, i) => html`<tr key=${event.id}>
        <td><time dateTime=${event.at} title=${moment(event.at)}>${clock(event.at)}</time></td><td><${Status} status=${event.status} /></td>
        <td>${i ? duration(Date.parse(event.at) - Date.parse(events[i - 1].at)) : ""}</td><td>${event.detail || ""}</td>
      </tr>`)}</tbody>
    </table></div>
  </section>`;
}

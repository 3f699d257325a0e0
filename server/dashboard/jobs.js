// The list of jobs: a window over pages that are fetched as they are scrolled to, so that a hundred thousand jobs are
// some forty rows of the document.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { place, usePages } from "./pages.js";
import { kept } from "./kept.js";
import { href, replace } from "./route.js";
import { Filters, listing } from "./filters.js";
import { Bulk } from "./bulk.js";
import { Ago, Empty, Fault, Progress, Status } from "./parts.js";
import { count, duration, moment, reasonText, title } from "./format.js";

const ROW = 52;
const AROUND = 8;

function note(job) {
  if (job.error) return job.error.message;
  if (job.queue?.reason === "scheduled") return `Scheduled for ${moment(job.scheduled_at)}`;
  if (job.queue) return reasonText(job.queue.reason);
  if (job.outputs.length) return `${job.outputs.length} output${job.outputs.length > 1 ? "s" : ""}`;
  return job.upstream.state || "";
}

function Row({ job, index, stop, onFocus }) {
  const took = job.finished_at && Date.parse(job.finished_at) - Date.parse(job.created_at);
  return html`<li class="row" style=${{ transform: `translateY(${index * ROW}px)` }} aria-posinset=${index + 1} aria-setsize="-1">
    <a href=${href(["jobs", job.id])} data-index=${index} data-id=${job.id} tabindex=${stop ? 0 : -1} onFocus=${() => onFocus(job.id)}>
      <${Status} status=${job.status} />
      <span class="what"><b>${title(job)}</b><small>${job.model}</small></span>
      <span class="note">${note(job)} <${Progress} job=${job} /></span>
      <span class="took">${took ? duration(took) : ""}</span>
      <span class="when"><${Ago} time=${job.created_at} /></span>
    </a>
  </li>`;
}

export function JobList({ query, depth }) {
  return html`<section class="jobs" aria-label="Jobs">
    <${Filters} path=${["jobs"]} query=${query} counts=${depth} />
    <${List} key=${query.toString()} query=${query} />
  </section>`;
}

function List({ query }) {
  const [entry] = useState(kept);
  const view = useRef({ from: 0, to: 0, atTop: true });
  const [{ jobs, cursor, loaded, behind, error }, more, restart] = usePages(() => listing(query), view, entry);
  const [top, setTop] = useState(entry.top || 0);
  const [height, setHeight] = useState(600);
  const [at, setAt] = useState(entry.at || "");
  const box = useRef();
  const frame = useRef(0);
  const y = useRef(top);
  const scrollTo = (to) => {
    box.current.scrollTop = to;
    y.current = entry.top = box.current.scrollTop;
    setTop(y.current);
  };
  const focusOn = (id) => box.current?.querySelector(`[data-id="${id}"]`)?.focus({ preventScroll: true });
  useLayoutEffect(() => {
    if (entry.top) scrollTo(entry.top);
    // Back from a job: on the row that led there.
    if (entry.at && document.activeElement === document.body) focusOn(entry.at);
    const watch = new ResizeObserver(([e]) => setHeight(e.contentRect.height));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const from = Math.max(0, Math.floor(top / ROW) - AROUND);
  const to = Math.min(jobs.length, Math.ceil((top + height) / ROW) + AROUND);
  view.current = { from, to: Math.max(from, to - 1), atTop: top < ROW };
  // Where the focus is, or was last; whoever comes by Tab lands there, or on the first row that he sees.
  const own = place(jobs, at);
  const known = at !== "" && jobs[own]?.id === at;
  const firstSeen = Math.min(jobs.length - 1, Math.ceil(top / ROW));
  const seen = known && (own + 1) * ROW > top && own * ROW < top + height;
  const stop = seen ? own : firstSeen;
  // A row with the focus stays in the document when it is scrolled away: without it the focus would be lost.
  const inside = !!box.current?.contains(document.activeElement);
  const shown = jobs.slice(from, to).map((job, i) => [job, from + i]);
  if (inside && known && own < from) shown.unshift([jobs[own], own]);
  if (inside && known && own >= to) shown.push([jobs[own], own]);
  // What comes or goes above moves nothing that is being looked at.
  const first = Math.floor(top / ROW);
  const anchor = useRef({ id: "", index: 0 });
  useLayoutEffect(() => {
    const { id, index } = anchor.current;
    const now = id && index > 0 ? place(jobs, id) : index;
    if (now !== index) scrollTo(y.current + (now - index) * ROW);
    const next = now !== index ? now : first;
    anchor.current = { id: jobs[next]?.id, index: next };
  }, [jobs, first]);
  // The row with the focus was moved within the document, and gets it again; or it left the list: on to the one in its place.
  useLayoutEffect(() => {
    if (!inside || !jobs.length || document.activeElement !== document.body) return;
    if (known) focusOn(at);
    else move(own);
  });
  useEffect(() => {
    if (to > jobs.length - 40) more();
  }, [to, jobs.length, cursor]);
  const scrolled = () => {
    y.current = entry.top = box.current.scrollTop;
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      if (box.current) setTop(y.current);
    });
  };
  const focused = (id) => setAt((entry.at = id));
  const move = (wanted) => {
    const next = Math.max(0, Math.min(jobs.length - 1, wanted));
    focused(jobs[next].id);
    if (next * ROW < y.current) scrollTo(next * ROW);
    if ((next + 1) * ROW > y.current + height) scrollTo((next + 1) * ROW - height);
    requestAnimationFrame(() => focusOn(jobs[next].id));
  };
  useEffect(() => {
    const keys = (event) => {
      if (event.target.closest("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
      const within = box.current.contains(document.activeElement);
      const step = { j: 1, k: -1, ArrowDown: within ? 1 : 0, ArrowUp: within ? -1 : 0 }[event.key];
      if (!step || !jobs.length) return;
      event.preventDefault();
      // Where the list is now: it may have been scrolled since this was drawn.
      const y = box.current.scrollTop;
      const there = known && (own + 1) * ROW > y && own * ROW < y + height;
      move(there ? own + (within ? step : 0) : Math.ceil(y / ROW));
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  });
  const newest = () => {
    scrollTo(0);
    restart();
  };
  return html`
    <div class="deeds">${jobs.length > 0 && html`<${Bulk} query=${query} listed=${jobs.length} />`}<${Errors} query=${query} jobs=${jobs} more=${!!cursor} /></div>
    <${Fault} error=${error} />
    ${behind && html`<p class="newer"><button type="button" onClick=${newest}>Many newer jobs have come: show them</button></p>`}
    <div class="list" ref=${box} onScroll=${scrolled}>
      ${loaded && !jobs.length && !error && html`<${Empty} title="No jobs here">
        ${query.toString() ? "Nothing fits these filters." : html`<a href="#/submit">Submit the first one</a>`}
      <//>`}
      <ul role="list" style=${{ height: `${jobs.length * ROW}px` }}>
        ${shown.map(([job, index]) => html`<${Row} key=${job.id} job=${job} index=${index} stop=${index === stop} onFocus=${focused} />`)}
      </ul>
    </div>
    <p class="foot">${count(jobs.length)}${cursor ? " loaded, more as you scroll" : jobs.length === 1 ? " job" : " jobs"}</p>`;
}

// Among failed jobs: how many for which error. One click leaves those of one, for a look or a retry of all.
function Errors({ query, jobs, more }) {
  const counts = {};
  for (const job of jobs) if (job.error) counts[job.error.code] = (counts[job.error.code] || 0) + 1;
  const codes = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (query.get("status") !== "failed" || codes.length < 2) return null;
  const only = (code) => {
    const next = new URLSearchParams(query);
    next.set("error_code", code);
    replace(["jobs"], next);
  };
  return html`<div class="pills errors" role="group" aria-label=${more ? "Errors of the newest" : "Errors"}>By error
    ${codes.map(([code, n]) => html`<button type="button" class="pill" key=${code} onClick=${() => only(code)}>${code} <span>${count(n)}${more ? "+" : ""}</span></button>`)}
  </div>`;
}

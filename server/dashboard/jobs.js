// The list of jobs: a window over pages that are fetched as they are scrolled to, so that a hundred thousand jobs are
// some forty rows of the document.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { get, post } from "./session.js";
import { useLive } from "./live.js";
import { href } from "./route.js";
import { Filters, listing } from "./filters.js";
import { Ago, Confirm, Empty, Fault, Progress, Status, announce } from "./parts.js";
import { count, duration, isOver, reasonText, title } from "./format.js";

const ROW = 52;
const PAGE = 100;

const FIRST = { cursor: null, after: "" };
const NOTHING = { jobs: [], pages: [FIRST], cursor: null, loaded: false, error: null };
const CATCH_UP = 10;

// The pages so far. Those of which something is `seen` stay fresh, and so does the first, on whose top new jobs come.
// A page is found again by its cursor and by `after`, the id before it; what lies between that and its last is replaced.
function useJobs(filter, seen) {
  const [state, set] = useState(NOTHING);
  const now = useRef(state);
  const asked = useRef(filter);
  const busy = useRef(false);
  asked.current = filter;
  const put = (next) => set((now.current = { ...now.current, ...next, loaded: true }));
  useEffect(() => set((now.current = NOTHING)), [filter]);
  // What the page brings into the list, or null if another filter was chosen meanwhile.
  const read = async ({ cursor, after }) => {
    const page = await get(`/v1/jobs?${filter}&limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    if (asked.current !== filter) return null;
    const last = page.jobs.at(-1)?.id || "";
    const before = now.current.jobs.filter((job) => after && job.id >= after);
    const behind = now.current.jobs.filter((job) => page.next_cursor && job.id < last);
    return { jobs: [...before, ...page.jobs, ...behind], last, next: page.next_cursor, ends: !behind.length };
  };
  const renew = async (page) => {
    const found = await read(page);
    if (found) put({ jobs: found.jobs, error: null, cursor: found.ends ? found.next : now.current.cursor });
  };
  // More may have come on top than a page holds: then on to those known, or, if they are too far, away with them.
  const renewFirst = async () => {
    const known = now.current.jobs[0]?.id || "";
    let page = FIRST, gathered = [];
    for (let i = 0; i < CATCH_UP; i++) {
      const found = await read(page);
      if (!found) return;
      const fresh = found.jobs.filter((job) => job.id >= found.last && (!page.after || job.id < page.after));
      gathered = [...gathered, ...fresh];
      if (!known || found.last <= known || !found.next) {
        return put({ jobs: [...gathered, ...now.current.jobs.filter((job) => found.next && job.id < found.last)], error: null,
          cursor: found.ends ? found.next : now.current.cursor });
      }
      page = { cursor: found.next, after: found.last };
    }
    put({ jobs: gathered, pages: [FIRST], cursor: page.cursor, error: null });
  };
  useLive(async () => {
    try {
      const { pages, jobs } = now.current;
      const [top, bottom] = seen.current.map((index) => jobs[index]?.id || "");
      await renewFirst();
      for (let i = 1; i < pages.length; i++) {
        if (pages[i].after > bottom && (pages[i + 1]?.after || "") <= top) await renew(pages[i]);
      }
    } catch (error) {
      if (asked.current === filter) put({ error });
    }
  }, { ms: 4000, key: filter });
  const more = async () => {
    if (busy.current || !now.current.cursor) return;
    busy.current = true;
    try {
      const page = { cursor: now.current.cursor, after: now.current.jobs.at(-1)?.id || "" };
      const found = await read(page);
      if (found) put({ jobs: found.jobs, cursor: found.next, pages: [...now.current.pages, page] });
    } finally {
      busy.current = false;
    }
  };
  return [state, more];
}

function note(job) {
  if (job.error) return job.error.message;
  if (job.queue) return reasonText(job.queue.reason);
  if (job.outputs.length) return `${job.outputs.length} output${job.outputs.length > 1 ? "s" : ""}`;
  return job.upstream.state || "";
}

function Row({ job, index, at, focused, onFocus }) {
  const took = job.finished_at && Date.parse(job.finished_at) - Date.parse(job.created_at);
  return html`<li class="row" style=${{ transform: `translateY(${index * ROW}px)` }} aria-posinset=${index + 1} aria-setsize="-1">
    <a href=${href(["jobs", job.id])} data-index=${index} tabindex=${focused ? 0 : -1} onFocus=${() => onFocus(index)}>
      <${Status} status=${job.status} />
      <span class="what"><b>${title(job)}</b><small>${job.model}</small></span>
      <span class="note">${note(job)} <${Progress} job=${job} /></span>
      <span class="took">${took ? duration(took) : ""}</span>
      <span class="when"><${Ago} time=${job.created_at} /></span>
    </a>
  </li>`;
}

export function JobList({ query, depth }) {
  const filter = listing(query).toString();
  const seen = useRef([0, 0]);
  const [{ jobs, cursor, loaded, error }, more] = useJobs(filter, seen);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [at, setAt] = useState(0);
  const box = useRef();
  const frame = useRef(0);
  useEffect(() => {
    box.current.scrollTop = 0;
    setAt(0);
  }, [filter]);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([entry]) => setHeight(entry.contentRect.height));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const from = Math.max(0, Math.floor(top / ROW) - 8);
  const to = Math.min(jobs.length, Math.ceil((top + height) / ROW) + 8);
  seen.current = [from, Math.max(from, to - 1)];
  // What comes on top moves nothing that is being looked at.
  const first = Math.floor(top / ROW);
  const anchor = useRef({ id: "", index: 0 });
  useLayoutEffect(() => {
    const { id, index } = anchor.current;
    const moved = index > 0 && jobs[index]?.id !== id ? jobs.findIndex((job) => job.id === id) - index : 0;
    if (moved > 0) setTop((box.current.scrollTop += moved * ROW));
    anchor.current = moved > 0 ? { id, index: index + moved } : { id: jobs[first]?.id, index: first };
  }, [jobs, first]);
  useEffect(() => {
    if (to > jobs.length - 40) more();
  }, [to, jobs.length, cursor]);
  const scrolled = () => {
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      if (box.current) setTop(box.current.scrollTop);
    });
  };
  const move = (to) => {
    const next = Math.max(0, Math.min(jobs.length - 1, to));
    setAt(next);
    const y = next * ROW;
    if (y < box.current.scrollTop) box.current.scrollTop = y;
    if (y + ROW > box.current.scrollTop + height) box.current.scrollTop = y + ROW - height;
    setTop(box.current.scrollTop);
    requestAnimationFrame(() => box.current?.querySelector(`[data-index="${next}"]`)?.focus({ preventScroll: true }));
  };
  useEffect(() => {
    const keys = (event) => {
      if (event.target.closest("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
      const inside = box.current.contains(document.activeElement);
      const step = { j: 1, k: -1, ArrowDown: inside ? 1 : 0, ArrowUp: inside ? -1 : 0 }[event.key];
      if (!step || !jobs.length) return;
      event.preventDefault();
      move(inside ? at + step : at);
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  });
  return html`<section class="jobs" aria-label="Jobs">
    <${Filters} path=${["jobs"]} query=${query} counts=${depth} />
    <${Bulk} filter=${filter} query=${query} jobs=${jobs} />
    <${Fault} error=${error} />
    <div class="list" ref=${box} onScroll=${scrolled}>
      ${loaded && !jobs.length && !error && html`<${Empty} title="No jobs here">
        ${query.toString() ? "Nothing fits these filters." : html`<a href="#/submit">Submit the first one</a>`}
      <//>`}
      <ul role="list" style=${{ height: `${jobs.length * ROW}px` }}>
        ${jobs.slice(from, to).map((job, i) => html`<${Row} key=${job.id} job=${job} index=${from + i}
          focused=${from + i === at} onFocus=${setAt} />`)}
      </ul>
    </div>
    <p class="foot">${count(jobs.length)}${cursor ? " loaded, more as you scroll" : " jobs"}</p>
  </section>`;
}

// Cancel or retry all that the filter names: a look at the number first, then the deed.
function Bulk({ query, jobs }) {
  const [plan, setPlan] = useState(null);
  const wanted = query.getAll("status");
  const action = wanted.length && wanted.every((s) => s === "failed") ? "retry"
    : wanted.length && wanted.every((s) => !isOver(s)) ? "cancel" : null;
  if (!action || !jobs.length) return null;
  const filter = {};
  for (const [name, value] of listing(query)) {
    if (name.startsWith("created_") || name.startsWith("label.")) filter[name] = value;
    else (filter[name] ||= []).push(value);
  }
  const run = async (dry_run) => {
    try {
      const result = await post("/v1/jobs/bulk", { action, filter, dry_run });
      if (dry_run) return setPlan(result);
      announce(`${count(result.done)} jobs: ${action === "retry" ? "taken up again" : "canceled"}`);
    } catch (error) {
      announce(error.message);
    }
    setPlan(null);
  };
  const name = action === "retry" ? "Retry" : "Cancel";
  return html`<div class="bulk">
    <button type="button" onClick=${() => run(true)}>${name} all of these…</button>
    ${plan && html`<${Confirm} title="${name} ${count(plan.done)} jobs?" action="${name} ${count(plan.done)} jobs"
      danger=${action === "cancel"} onYes=${() => run(false)} onClose=${() => setPlan(null)}
      text=${action === "retry" ? "Each is taken up where it failed. Those that would be paid anew are skipped."
        : "What kie.ai already works on is paid all the same."} />`}
  </div>`;
}

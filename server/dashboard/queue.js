// The queue at a glance: what runs, waits and failed and why, the limiter's window, throughput, credits, holds.
import { html, useEffect, useRef, useState } from "./preact.js";
import { get } from "./session.js";
import { useLive } from "./live.js";
import { Charts, SPANS } from "./chart.js";
import { Holds, PauseDialog } from "./holds.js";
import { replace } from "./route.js";
import { Empty, Fault, Progress, Status } from "./parts.js";
import { RUNNING, clock, count, duration, moment, number, reasonText, title } from "./format.js";

const SHOWN = 5;

// Twenty tokens: free, on their way to kie.ai, or coming back, each with the time until it does.
function Window({ limiter }) {
  const [, tick] = useState(0);
  const since = useRef(performance.now());
  useEffect(() => void (since.current = performance.now()), [limiter]);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 250);
    return () => clearInterval(timer);
  }, []);
  const passed = performance.now() - since.current;
  const span = limiter.window_s * 1000;
  const back = limiter.returns_in_ms.map((ms) => ms - passed).filter((ms) => ms > 0);
  const flying = Math.max(0, limiter.limit - limiter.tokens_free - limiter.returns_in_ms.length);
  const free = Math.max(0, limiter.limit - back.length - flying);
  const cells = [...Array(free).fill("free"), ...back, ...Array(flying).fill("flying")].slice(0, Math.max(limiter.limit, back.length));
  return html`<section class="card" aria-labelledby="window">
    <h2 id="window">Rate limit <small>${limiter.limit} requests in ${limiter.window_s} s</small></h2>
    <div class="tokens" role="img" aria-label="${free} of ${limiter.limit} tokens free, ${back.length} coming back, ${flying} in flight">
      ${cells.map((cell, i) => html`<span key=${i} class=${typeof cell === "number" ? "back" : cell} title=${typeof cell === "number" ? `back in ${duration(cell)}` : cell}>
        ${typeof cell === "number" && html`<i style=${{ height: `${Math.min(100, (100 * cell) / span)}%` }}></i><b>${Math.ceil(cell / 1000)}</b>`}</span>`)}
    </div>
    <p class="hint">${free} free${flying ? ` · ${flying} in flight` : ""}${back.length ? ` · next back in ${duration(Math.ceil(Math.min(...back) / 100) * 100)}` : ""}</p>
  </section>`;
}

function Short({ id, label, jobs, more, none, note }) {
  return html`<section class="card short" aria-labelledby=${id}>
    <h2 id=${id}><a href=${more}>${label}</a></h2>
    ${jobs.length ? html`<ul role="list">${jobs.map((job) => html`<li key=${job.id}><a href="#/jobs/${job.id}">
      <${Status} status=${job.status} /><span class="what"><b>${title(job)}</b><small>${note(job)}</small></span></a>
      <${Progress} job=${job} /></li>`)}</ul>` : html`<${Empty} title=${none} />`}
  </section>`;
}

// The jobs whose turn comes next, in order; behind them, while there is room, others that wait for something else.
async function waitingOf(queue, newest) {
  const next = await Promise.all(queue.next.map((id) => get(`/v1/jobs/${id}`).catch(() => null)));
  const ready = next.filter((job) => job?.queue);
  const others = newest.filter((job) => job.queue && !queue.next.includes(job.id)).reverse();
  return [...ready, ...others].slice(0, SHOWN);
}

function whenOf({ queue, scheduled_at }) {
  if (!queue) return "";
  if (queue.reason === "scheduled") return `Scheduled for ${moment(scheduled_at)}`;
  return [reasonText(queue.reason), queue.estimated_start_at && `starts about ${clock(queue.estimated_start_at)}`].filter(Boolean).join(" · ");
}

export function Queue({ query }) {
  const [queue, setQueue] = useState(null);
  const [lists, setLists] = useState({ running: [], waiting: [], failed: [] });
  const [past, setPast] = useState(null);
  const [spent, setSpent] = useState(null);
  const [balance, setBalance] = useState({ credits: null, why: "" });
  const [error, setError] = useState(null);
  const [pausing, setPausing] = useState(false);
  const span = SPANS[query.get("span")] ? query.get("span") : "1h";
  useLive(async () => {
    try {
      const page = (status) => get(`/v1/jobs?limit=${SHOWN}&status=${status}`).then((r) => r.jobs);
      const [state, running, queued, failed] = await Promise.all([get("/v1/queue"), page(RUNNING.join(",")), page("queued"), page("failed")]);
      const waiting = await waitingOf(state, queued);
      setQueue(state);
      setLists({ running, waiting, failed });
      setError(null);
    } catch (fault) {
      setError(fault);
    }
  }, { ms: 2000 });
  useLive(async () => {
    const from = new Date(Date.now() - SPANS[span][1] * 1000).toISOString();
    setPast(await get(`/v1/queue/history?from=${from}`));
    setSpent((await get("/v1/usage")).total);
    try {
      setBalance({ credits: (await get("/v1/credits")).credits, why: "" });
    } catch (fault) {
      setBalance((before) => ({ credits: before.credits, why: fault.message }));
    }
  }, { ms: 10000, key: span, wanted: () => false });
  if (!queue) return html`<${Fault} error=${error} />`;
  const { depth } = queue;
  const running = RUNNING.reduce((sum, s) => sum + depth[s], 0);
  const tiles = [
    ["Running", running, `#/jobs?${RUNNING.map((s) => `status=${s}`).join("&")}`, `of ${queue.running.max_tasks} tasks`, "generating"],
    ["Waiting", depth.queued, "#/jobs?status=queued", queue.oldest_age_s ? `oldest ${duration(queue.oldest_age_s * 1000)}` : "nobody waits", "queued"],
    ["Failed", depth.failed, "#/jobs?status=failed", depth.failed ? "to look at" : "nothing failed", depth.failed ? "failed" : ""],
    ["Succeeded", depth.succeeded, "#/jobs?status=succeeded", `${number(queue.throughput.finished_per_minute)} a minute`, "succeeded"],
  ];
  const credits = balance.credits ?? queue.credits.balance;
  const spentToday = spent && spent.credits + spent.credits_estimated;
  return html`<div class="queue">
    <header><h1>Queue</h1><div class="actions">
      ${!queue.holds.some((h) => h.reason === "paused" && !h.model) && html`<button type="button" onClick=${() => setPausing(true)}>Pause</button>`}
      <a class="button primary" href="#/submit">Submit a job</a></div></header>
    <${Fault} error=${error} />
    ${pausing && html`<${PauseDialog} onClose=${() => setPausing(false)} onDone=${setQueue} />`}
    <${Holds} queue=${queue} onDone=${setQueue} />
    <div class="tiles">
      ${tiles.map(([name, n, to, hint, tone]) => html`<a class="tile ${tone}" href=${to} key=${name}><span>${name}</span><strong>${count(n)}</strong><small>${hint}</small></a>`)}
      <a class="tile credits" href="#/usage"><span>Credits</span><strong>${number(credits)}</strong>
        <small>${credits == null ? balance.why || "kie.ai has not told the balance yet" : spent ? `${number(spentToday)} used today` : ""}</small></a>
    </div>
    <div class="columns">
      <${Window} limiter=${queue.limiter} />
      <section class="card" aria-labelledby="why"><h2 id="why">${queue.reason ? reasonText(queue.reason) : "Nothing waits"}</h2>
        <p class="hint">${queue.reason_detail || "Whatever is submitted starts at once."}</p>
        <dl class="facts"><div><dt>Submitted</dt><dd>${number(queue.throughput.creates_per_minute)} a minute</dd></div>
          <div><dt>Empty in</dt><dd>${queue.estimated_drain_s ? duration(queue.estimated_drain_s * 1000) : "–"}</dd></div>
          <div><dt>Downloads</dt><dd>${queue.running.downloads}</dd></div></dl></section>
    </div>
    ${past && html`<${Charts} past=${past} span=${span} onSpan=${(id) => replace(["queue"], id === "1h" ? {} : { span: id })} />`}
    <div class="columns three">
      <${Short} id="running" label="Running" jobs=${lists.running} none="Nothing runs" more="#/jobs?${RUNNING.map((s) => `status=${s}`).join("&")}" note=${(j) => j.model} />
      <${Short} id="waiting" label="Next in line" jobs=${lists.waiting} none="Nobody waits" more="#/jobs?status=queued" note=${whenOf} />
      <${Short} id="failed" label="Failed" jobs=${lists.failed} none="Nothing failed" more="#/jobs?status=failed" note=${(j) => j.error?.message} />
    </div>
  </div>`;
}

// What the queue did over time, as `GET /v1/queue/history` tells it; uPlot draws.
import { html, useEffect, useRef, useState } from "./preact.js";
import uPlot from "./uplot.js";
import { count, duration, moment, number } from "./format.js";

export const SPANS = { "1h": ["Hour", 3600], "24h": ["Day", 86400], "7d": ["Week", 604800], "30d": ["Month", 2592000] };

const STEPS = { 60: "a minute", 900: "in 15 minutes", 3600: "an hour", 10800: "in 3 hours" };
const HEIGHT = 150;
const DAYS = [1, 2, 5, 10].map((n) => n * 86400);

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function clock(seconds, span) {
  const at = new Date(seconds * 1000);
  return span > 172800 ? at.toLocaleDateString("en", { day: "numeric", month: "short" }) : at.toTimeString().slice(0, 5);
}

// A value on the axis: short, with its unit.
function tick(v, unit) {
  if (unit !== "s") return number(v);
  return v >= 3600 ? `${number(v / 3600)} h` : v >= 60 ? `${number(v / 60)} min` : `${+v.toFixed(2)} s`;
}

// Lines over the same times: [{ name, values, tint, thin }]. The last one reaches highest. What the pointer is at, and
// else the newest and the highest, stands in words over the picture.
export function Chart({ label, unit, times, step, lines, bars }) {
  const place = useRef();
  const plot = useRef();
  const [at, setAt] = useState(null);
  const data = [times, ...lines.map(({ values }) => (bars ? values.map((v) => v || null) : values))];
  const now = useRef(data);
  now.current = data;
  useEffect(() => {
    const draw = () => {
      plot.current?.destroy();
      const axis = { stroke: color("--muted"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
      plot.current = new uPlot({
        width: place.current.clientWidth, height: HEIGHT, legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { show: !bars, size: 6 } },
        hooks: { setCursor: [(u) => setAt(u.cursor.left >= 0 ? u.cursor.idx ?? null : null)] },
        scales: { x: { range: (_, low, high) => [low - step / 2, high + step / 2] }, y: { range: (_, low, high) => [0, Math.max(high || 0, unit === "s" ? 0.1 : 1) * 1.1] } },
        axes: [{ ...axis, size: 28, space: 64, ...(times.at(-1) - times[0] > 172800 && { incrs: DAYS }), values: (_, ts) => ts.map((t) => clock(t, times.at(-1) - times[0])) },
          { ...axis, size: 52, values: (_, vs) => vs.map((v) => tick(v, unit)) }],
        series: [{}, ...lines.map(({ tint, thin }) => ({
          stroke: color(tint), fill: thin && !bars ? undefined : `${color(tint)}33`, width: thin ? 1 : 2, dash: thin && !bars ? [4, 4] : undefined,
          spanGaps: true, points: { show: !bars && !thin, size: 4 }, paths: bars ? uPlot.paths.bars({ size: [0.7, 40], radius: 0.2 }) : undefined }))],
      }, now.current, place.current);
    };
    draw();
    const size = new ResizeObserver(([e]) => plot.current.setSize({ width: e.contentRect.width, height: HEIGHT }));
    size.observe(place.current);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      size.disconnect();
      theme.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current.destroy();
      plot.current = null;
    };
  }, [step]);
  useEffect(() => plot.current?.setData(data), [times, lines]);
  const told = (v) => (v == null ? "–" : unit === "s" ? duration(v * 1000) : count(Math.round(v * 10) / 10));
  const known = lines[0].values.filter((v) => v !== null);
  const highest = Math.max(...lines.flatMap(({ values }) => values.filter((v) => v !== null)));
  const text = at !== null && at < times.length ? `${moment(times[at] * 1000)}: ${lines.map(({ name, values }) => `${name} ${told(values[at])}`).join(", ")}`
    : known.length ? `last ${told(known.at(-1))}, highest ${told(highest)}` : "nothing yet";
  return html`<figure class="chart"><figcaption>${label} <small>${text}</small></figcaption><div ref=${place} aria-hidden="true"></div>
    ${lines.length > 1 && html`<ul class="swatches" role="list">${lines.map(({ name, tint, thin }) => html`<li key=${name}><i class=${thin ? "dashed" : ""}
      style=${{ color: `var(${tint})` }} aria-hidden="true"></i>${name}</li>`)}</ul>`}</figure>`;
}

const nothing = (p) => !(p.accepted + p.creates + p.succeeded + p.failed + p.canceled) && p.detection_lag_mean_s === null;

export function Charts({ past, span, onSpan }) {
  // A young daemon's few minutes get the whole width: the time before anything happened is left out.
  const first = past.points.findIndex((p) => !nothing(p));
  const points = past.points.slice(Math.max(0, Math.min(first < 0 ? Infinity : first - 1, past.points.length - 10)));
  const of = (name) => points.map((p) => p[name]);
  const times = points.map((p) => Date.parse(p.at) / 1000);
  const finished = points.map((p) => p.succeeded + p.failed);
  const shared = { times, step: past.step_s };
  const meanAndMost = (name, tint) => [{ name: "mean", values: of(`${name}_mean_s`), tint }, { name: "longest", values: of(`${name}_max_s`), tint, thin: true }];
  return html`<section class="card" aria-labelledby="past"><header class="over"><h2 id="past">Over time</h2>
      <div class="pills" role="group" aria-label="Span">${Object.entries(SPANS).map(([id, [name]]) => html`<button type="button" class="pill" key=${id}
        aria-pressed=${id === span} onClick=${() => onSpan(id)}>${name}</button>`)}</div></header>
    <div class="charts" key=${past.step_s}>
      <${Chart} ...${shared} label="Finished ${STEPS[past.step_s] || ""}" lines=${[{ name: "finished", values: finished, tint: "--accent" }, { name: "of these failed", values: of("failed"), tint: "--failed" }]} bars />
      <${Chart} ...${shared} label="Wait before submission" unit="s" lines=${meanAndMost("wait", "--queued")} />
      <${Chart} ...${shared} label="Ready at kie.ai, until noticed here" unit="s" lines=${meanAndMost("detection_lag", "--generating")} />
    </div></section>`;
}

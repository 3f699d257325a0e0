// Throughput and lag over time, out of the own times of the newest jobs that ended; uPlot draws.
import { html, useEffect, useRef } from "./preact.js";
import uPlot from "./uplot.js";
import { count, duration } from "./format.js";

// Minute by minute of the last hour: how many of these jobs ended, and the mean time that those submitted had waited.
// Unless they are `all` that have ended, the span begins after the first end among them: before that, some are missing.
export function history(jobs, all, now = Date.now()) {
  const last = Math.floor(now / 60000);
  const oldest = Math.min(last, ...jobs.map((job) => Math.floor(Date.parse(job.finished_at) / 60000)));
  const first = Math.max(last - 59, all ? Math.min(oldest, last - 9) : Math.min(oldest + 1, last));
  const size = last - first + 1;
  const ended = Array(size).fill(0), waits = Array(size).fill(0), sent = Array(size).fill(0);
  for (const job of jobs) {
    const end = job.finished_at && Math.floor(Date.parse(job.finished_at) / 60000) - first;
    if (end >= 0 && end < size) ended[end]++;
    const start = job.submitted_at && Math.floor(Date.parse(job.submitted_at) / 60000) - first;
    if (start >= 0 && start < size) {
      sent[start]++;
      waits[start] += Date.parse(job.submitted_at) - Date.parse(job.created_at);
    }
  }
  return { times: ended.map((_, i) => (first + i) * 60), ended, lag: waits.map((w, i) => (sent[i] ? w / sent[i] / 1000 : null)) };
}

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function Chart({ label, unit, times, values, tint, bars }) {
  const place = useRef();
  const plot = useRef();
  useEffect(() => {
    const draw = () => {
      plot.current?.destroy();
      const axis = { stroke: color("--muted"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
      plot.current = new uPlot({
        width: place.current.clientWidth, height: 150, legend: { show: false }, cursor: { show: false },
        scales: { x: { range: (_, low, high) => [low - 30, high + 30] }, y: { range: (_, low, high) => [0, Math.max(high || 0, 1) * 1.1] } },
        axes: [{ ...axis, size: 28, values: (_, ts) => ts.map((t) => new Date(t * 1000).toTimeString().slice(0, 5)) }, { ...axis, size: 44, values: (_, vs) => vs.map((v) => (Number.isInteger(v) ? v : v.toFixed(1))) }],
        series: [{}, { stroke: color(tint), fill: `${color(tint)}33`, width: 2, spanGaps: true, points: { show: !bars, size: 4 },
          paths: bars ? uPlot.paths.bars({ size: [0.7, 40], radius: 0.2 }) : undefined }],
      }, [times, values], place.current);
    };
    draw();
    const size = new ResizeObserver(([e]) => plot.current.setSize({ width: e.contentRect.width, height: 150 }));
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
  }, []);
  useEffect(() => plot.current?.setData([times, values]), [times, values]);
  const known = values.filter((v) => v !== null);
  const text = known.length ? `last ${unit === "s" ? duration(known.at(-1) * 1000) : count(known.at(-1))}, highest ${unit === "s" ? duration(Math.max(...known) * 1000) : count(Math.max(...known))}` : "nothing yet";
  return html`<figure class="chart"><figcaption>${label} <small>${text}</small></figcaption><div ref=${place} aria-hidden="true"></div></figure>`;
}

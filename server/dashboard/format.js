// Numbers, times and names as people read them.

export const STATUSES = ["queued", "submitting", "generating", "downloading", "succeeded", "failed", "canceled"];
export const RUNNING = ["submitting", "generating", "downloading"];
export const isOver = (status) => ["succeeded", "failed", "canceled"].includes(status);

const REASONS = {
  scheduled: "Scheduled for later",
  dependency: "Waits for another job",
  paused: "Paused",
  upstream_auth: "kie.ai refuses the key",
  credits: "Out of credits",
  storage: "No space left",
  upstream_down: "kie.ai is down",
  retry_backoff: "Backing off before the next try",
  uploading: "Uploading its files",
  concurrency: "As many tasks run as may",
  rate_limit: "Waits for its turn",
};
export const reasonText = (reason) => REASONS[reason] || reason;

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
export const count = (n) => (n == null ? "–" : whole.format(n));
export const number = (n) => (n == null ? "–" : short.format(n));

export function duration(ms) {
  if (ms == null || Number.isNaN(ms)) return "–";
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const s = ms / 1000;
  if (s < 60) return `${short.format(s)} s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m} min ${Math.round(s % 60)} s`;
  const h = Math.floor(m / 60);
  return h < 48 ? `${h} h ${m % 60} min` : `${Math.floor(h / 24)} days`;
}

export function bytes(n) {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (n >= 1000 && unit < 3) (n /= 1000), unit++;
  return `${short.format(n)} ${units[unit]}`;
}

export function ago(time, now = Date.now()) {
  if (!time) return "–";
  const s = (now - Date.parse(time)) / 1000;
  if (s < 5) return "now";
  if (s < 60) return `${Math.floor(s)} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
  return new Date(time).toLocaleDateString("en", { day: "numeric", month: "short" });
}

export const clock = (time) => (time ? new Date(time).toLocaleTimeString("en-GB") : "–");
export const moment = (time) => (time ? new Date(time).toLocaleString("en-GB") : "–");

// What a job is about, in one line: its prompt, or whatever text its input begins with. An address of a file says nothing.
const isWords = (value) => typeof value === "string" && value !== "" && !/^(genqd:|https?:)/.test(value);
export function title(job) {
  const { prompt, text, lyrics } = job.input;
  return String(prompt || text || lyrics || Object.values(job.input).find(isWords) || job.model);
}

// What was used: credits by model, caller or the values of a label, and day by day.
import { html, useEffect, useState } from "./preact.js";
import { get } from "./session.js";
import { useLive } from "./live.js";
import { replace } from "./route.js";
import { Chart } from "./chart.js";
import { Empty, Fault } from "./parts.js";
import { count, number } from "./format.js";

const DAY = 86400000;
const spentOf = (group) => group.credits + group.credits_estimated;
const dayStart = (ago) => Math.floor(Date.now() / DAY - ago) * DAY;
const at = (ms) => new Date(ms).toISOString();

// The credits of each day (UTC) of the last ones. Those before today are asked for once.
function useByDay(days) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let ended = false;
    setFound(null);
    const read = async () => {
      const times = Array.from({ length: days }, (_, i) => dayStart(days - 1 - i));
      const values = [];
      for (const from of times) {
        if (ended) return;
        values.push(spentOf((await get(`/v1/usage?from=${at(from)}&to=${at(from + DAY)}`)).total));
      }
      if (!ended) setFound({ times: times.map((ms) => ms / 1000), values });
    };
    if (days > 1) read().catch(() => {});
    return () => void (ended = true);
  }, [days]);
  return found;
}

// Labels in use, as the newest jobs have them: the commonest first.
async function labelKeys() {
  const counts = {};
  for (const { labels } of (await get("/v1/jobs?limit=200")).jobs) for (const key of Object.keys(labels)) counts[key] = (counts[key] || 0) + 1;
  return Object.keys(counts).sort((a, b) => counts[b] - counts[a]);
}

function Grouping({ by, onChange }) {
  const [keys, setKeys] = useState([]);
  const labelled = by.startsWith("label.");
  useEffect(() => {
    labelKeys().then(setKeys, () => {});
  }, []);
  return html`<select aria-label="Group by" value=${labelled ? "label" : by} onChange=${(e) => onChange(e.target.value === "label" ? `label.${keys[0] || "project"}` : e.target.value)}>
      <option value="model">By model</option><option value="caller">By caller</option><option value="label">By label</option></select>
    ${labelled && html`<input type="text" aria-label="Label's key" list="label-keys" value=${by.slice(6)} onChange=${(e) => e.target.value.trim() && onChange(`label.${e.target.value.trim()}`)} />
      <datalist id="label-keys">${keys.map((key) => html`<option value=${key}></option>`)}</datalist>`}`;
}

// The jobs of a group, where a list can name them.
function Key({ by, value }) {
  if (value === null) return "none";
  const query = by.startsWith("label.") ? { label: `${by.slice(6)}=${value}` } : { [by]: value };
  return html`<a href="#/jobs?${new URLSearchParams(query).toString()}">${value}</a>`;
}

export function Usage({ query }) {
  const [usage, setUsage] = useState(null);
  const [balance, setBalance] = useState({ credits: null, why: "" });
  const [error, setError] = useState(null);
  const by = query.get("by") || "model", days = Math.min(30, Math.max(1, Math.floor(Number(query.get("days"))) || 1));
  const daily = useByDay(days);
  useLive(async () => {
    try {
      setUsage(await get(`/v1/usage?by=${encodeURIComponent(by)}&from=${at(dayStart(days - 1))}`));
      setError(null);
    } catch (fault) {
      setError(fault);
    }
    try {
      setBalance({ credits: (await get("/v1/credits")).credits, why: "" });
    } catch (fault) {
      setBalance((before) => ({ credits: before.credits, why: fault.message }));
    }
  }, { ms: 15000, key: `${by} ${days}`, wanted: () => false });
  const shown = usage?.by === by ? usage : null;
  const groups = (shown?.usage || []).map((g) => ({ ...g, spent: spentOf(g) })).sort((a, b) => b.spent - a.spent);
  const all = groups.reduce((sum, g) => sum + g.spent, 0);
  const choose = (next) => replace(["usage"], { by, days, ...next });
  return html`<section class="usage"><header><h1>Credits</h1><div class="actions">
      <${Grouping} by=${by} onChange=${(value) => choose({ by: value })} />
      <select aria-label="Time" value=${days} onChange=${(e) => choose({ days: e.target.value })}>
        <option value="1">Today</option><option value="7">7 days</option><option value="30">30 days</option></select></div></header>
    <${Fault} error=${error} />
    <div class="tiles"><div class="tile credits"><span>Balance</span><strong>${number(balance.credits)}</strong><small>${balance.credits === null ? balance.why || "asking kie.ai" : "at kie.ai"}</small></div>
      ${shown && html`<div class="tile"><span>Used</span><strong>${number(spentOf(shown.total))}</strong><small>${count(shown.total.jobs)} jobs</small></div>
      <div class="tile"><span>Reserved</span><strong>${number(shown.total.credits_reserved)}</strong><small>may still be billed</small></div>`}</div>
    ${daily && html`<div class="card"><${Chart} label="Credits a day" times=${daily.times} step=${DAY / 1000} lines=${[{ name: "credits", values: daily.values, tint: "--accent" }]} bars /></div>`}
    <div class="card scroll" tabindex="0" role="region" aria-label="Use of credits"><table><thead><tr><th scope="col">${by.replace("label.", "")}</th><th scope="col">Credits</th><th scope="col" class="wide">Share</th><th scope="col">Jobs</th><th scope="col">Failed</th></tr></thead>
      <tbody>${groups.map((g) => html`<tr key=${g.key}><th scope="row"><${Key} by=${by} value=${g.key} /></th><td>${number(g.spent)}</td>
        <td class="wide"><span class="share"><meter min="0" max="1" value=${all ? g.spent / all : 0} aria-label="Share of ${g.key ?? "none"}"></meter>${number(all ? (100 * g.spent) / all : 0)} %</span></td><td>${count(g.jobs)}</td><td>${count(g.statuses.failed)}</td></tr>`)}</tbody></table>
      ${shown && !groups.length && html`<${Empty} title="Nothing used" />`}</div>
  </section>`;
}

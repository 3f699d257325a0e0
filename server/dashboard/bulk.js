// Cancel or retry all that a filter names: a look at the number first, then the deed.
import { html, useState } from "./preact.js";
import { post } from "./session.js";
import { listing } from "./filters.js";
import { Confirm, Dialog, Fault, announce } from "./parts.js";
import { count, isOver } from "./format.js";

const WORDS = {
  retry: { name: "Retry", done: "taken up again", able: "Each is taken up where it failed.",
    unable: "They are no longer failed, or would be paid anew: retry those one by one." },
  cancel: { name: "Cancel", done: "canceled", able: "What kie.ai already works on is paid all the same.",
    unable: "They are over by now." },
};
const OTHERS = "Jobs of other callers are left out: only a token with admin may change them.";

const jobs = (n) => `${count(n)} ${n === 1 ? "job" : "jobs"}`;

// `listed`: how many jobs the reader sees at least.
export function Bulk({ query, listed }) {
  const [plan, setPlan] = useState(null);
  const [error, setError] = useState(null);
  const wanted = query.getAll("status").flatMap((s) => s.split(","));
  const action = wanted.length && wanted.every((s) => s === "failed") ? "retry"
    : wanted.length && wanted.every((s) => !isOver(s)) ? "cancel" : null;
  if (!action) return null;
  const { name, done, able, unable } = WORDS[action];
  const filter = {};
  for (const [key, value] of listing(query)) {
    if (key.startsWith("created_") || key.startsWith("label.")) filter[key] = value;
    else (filter[key] ||= []).push(value);
  }
  const run = async (dry_run) => {
    setPlan(null);
    setError(null);
    try {
      const result = await post("/v1/jobs/bulk", { action, filter, dry_run });
      if (dry_run) setPlan(result);
      else announce(`${jobs(result.done)} ${done}${result.skipped ? `, ${count(result.skipped)} skipped` : ""}`);
    } catch (fault) {
      setError(fault);
    }
  };
  const close = () => setPlan(null);
  const all = plan && plan.done + plan.skipped;
  const skipped = plan?.skipped ? `${count(plan.skipped)} ${plan.skipped === 1 ? "is" : "are"} skipped. ${unable}` : "";
  const others = plan && listed > all ? OTHERS : "";
  const words = plan && (plan.done ? [able, skipped && `${count(plan.done)} of ${jobs(all)}: ${skipped}`, others, plan.more && "There are more than one request takes: repeat it."]
    : [all > 0 && `None of ${jobs(all)} can be ${action === "retry" ? "retried" : "canceled"}. ${unable}`, others, !all && !others && "No job fits the filter any more."]).filter(Boolean).join(" ");
  return html`<div class="bulk">
    <button type="button" onClick=${() => run(true)}>${name} all of these…</button>
    <${Fault} error=${error} />
    ${plan && plan.done > 0 && html`<${Confirm} title="${name} ${jobs(plan.done)}?" action="${name} ${jobs(plan.done)}" danger=${action === "cancel"}
      text=${words} onYes=${() => run(false)} onClose=${close} />`}
    ${plan && plan.done === 0 && html`<${Dialog} title="Nothing to ${action}" onClose=${close}>
      <p>${words}</p>
      <div class="actions"><button type="button" class="primary" onClick=${close}>Close</button></div><//>`}
  </div>`;
}

// What a job has beside its input: labels and priority, and seldom a time, a deadline, a webhook, or the wish for an
// earlier result.
import { html } from "./preact.js";
import { Fold, Labelled } from "./fields.js";

export const SETTINGS = ["labels", "priority", "scheduled_at", "deadline_s", "webhook", "reuse"];
const SELDOM = SETTINGS.slice(2);

export function Settings({ settings, onChange, errors }) {
  const set = (name) => (e) => onChange(name, e.target.value);
  const row = (name, label, help, control) => html`<${Labelled} id=${name} label=${label} errors=${errors} at="/${name}" help=${help} line=${name === "reuse"}>
    ${({ id, described, invalid }) => control({ id, "aria-describedby": described, "aria-invalid": invalid, onInput: set(name), value: settings[name] })}<//>`;
  const wanted = SELDOM.some((name) => settings[name] || errors.some((e) => e.pointer.startsWith(`/${name}`)));
  return html`<div class="pair">
      ${row("labels", "Labels", "", (props) => html`<textarea ...${props} rows=${settings.labels.includes("\n") ? 3 : 1} placeholder="project=spring, shot=3"></textarea>`)}
      ${row("priority", "Priority", "", (props) => html`<input ...${props} type="number" min="-100" max="100" step="1" />`)}
    </div>
    <${Fold} summary="When, how long, and whom to tell" wanted=${wanted}>
      <div class="pair even">
        ${row("scheduled_at", "Not before", "", (props) => html`<input ...${props} type="datetime-local" />`)}
        ${row("deadline_s", "Deadline", "Seconds from now; past it the job fails.", (props) => html`<input ...${props} type="number" min="1" step="1" />`)}
      </div>
      ${row("webhook", "Webhook", "Called once the job has ended.", (props) => html`<input ...${props} type="url" placeholder="https://…" />`)}
      ${row("reuse", "Take an earlier result", "If the same model already made the same for you, that job answers, and nothing is paid.",
        ({ value, onInput, ...props }) => html`<input ...${props} type="checkbox" class="switch" role="switch" checked=${value} onChange=${(e) => onChange("reuse", e.target.checked)} />`)}
    <//>`;
}

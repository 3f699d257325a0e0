// What stops submissions: what holds them now, a button that lets them go on, and the dialog that pauses them.
import { html, useState } from "./preact.js";
import { post } from "./session.js";
import { useModels } from "./filters.js";
import { Ago, Dialog, Fault, announce } from "./parts.js";
import { moment, reasonText } from "./format.js";

export function PauseDialog({ onClose, onDone }) {
  const [reason, setReason] = useState("");
  const [model, setModel] = useState("");
  const [until, setUntil] = useState("");
  const [error, setError] = useState(null);
  const models = useModels();
  const pause = async (event) => {
    event.preventDefault();
    try {
      onDone(await post("/v1/queue/pause", { reason: reason || null, model: model || null, until: until ? new Date(until).toISOString() : null }));
      announce(model ? `Paused: ${model}` : "Paused: nothing is submitted");
      onClose();
    } catch (fault) {
      setError(fault);
    }
  };
  return html`<${Dialog} title="Pause submissions" onClose=${onClose}><form onSubmit=${pause}>
    <p>Running jobs go on; nothing new is sent to kie.ai until somebody resumes, or until the time that you give.</p>
    <div class="field"><label for="pause-model">What</label>
      <select id="pause-model" value=${model} onChange=${(e) => setModel(e.target.value)}><option value="">All models</option>
        ${models.map((m) => html`<option value=${m.id}>${m.id}</option>`)}</select></div>
    <div class="field"><label for="reason">Reason</label>
      <input id="reason" type="text" value=${reason} maxlength="500" placeholder="Why, for the others" onInput=${(e) => setReason(e.target.value)} /></div>
    <div class="field"><label for="until">Until <em>else until somebody resumes</em></label>
      <input id="until" type="datetime-local" onInput=${(e) => setUntil(e.target.value)} /></div>
    <${Fault} error=${error} />
    <div class="actions"><button type="button" onClick=${onClose}>Not now</button><button type="submit" class="primary">Pause</button></div>
  </form><//>`;
}

// A model's pause is lifted by itself; what holds all is lifted with everything else, and its button says so.
export function Holds({ queue, onDone }) {
  const [error, setError] = useState(null);
  const { holds } = queue;
  if (!holds.length) return null;
  const resume = async (model) => {
    try {
      onDone(await post("/v1/queue/resume", model ? { model } : {}));
      setError(null);
      announce(model ? `${model} goes on` : "Submissions go on");
    } catch (fault) {
      setError(fault);
    }
  };
  const everything = holds.some((hold) => !hold.model);
  return html`<section class="card trouble" aria-label="Holds">
    <header class="over"><h2>${everything ? "Submissions are held" : "Some models are held"}</h2>
      ${(everything || holds.length > 1) && html`<button type="button" onClick=${() => resume()}>Resume all</button>`}</header>
    ${holds.map((hold) => html`<div class="hold" key=${hold.reason + hold.model}>
      <span><strong>${reasonText(hold.reason)}</strong>${hold.model && html` <code>${hold.model}</code>`}
        <small>${hold.detail || "no reason given"} · <${Ago} time=${hold.since} />${hold.until && ` · until ${moment(hold.until)}`}</small></span>
      ${hold.model && hold.reason === "paused" && html`<button type="button" aria-label="Resume ${hold.model}" onClick=${() => resume(hold.model)}>Resume</button>`}</div>`)}
    <${Fault} error=${error} /></section>`;
}

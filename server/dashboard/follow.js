// What can be made of a job that is done: a field that names one, and on its page the models that take it up.
import { html, useEffect, useState } from "./preact.js";
import { get } from "./session.js";
import { href } from "./route.js";
import { useModels } from "./filters.js";
import { Dialog } from "./parts.js";
import { ago, title } from "./format.js";
import { isFile, isName } from "./schema.js";

const maker = (id) => id.split("/")[0];

// Tasks and tracks stay within their family, Market's within those of one maker.
const related = (model, job) => model.family === job.family && (model.family !== "market" || maker(model.id) === maker(job.model));

// The references by which a field that names a task, which are those of films, or a track, can name this job.
function references(job, names) {
  if (names === "task") return job.upstream.task_id && job.kind === "video" ? [`genqd:job/${job.id}/task`] : [];
  return (job.result?.tracks || []).map((_, n) => `genqd:job/${job.id}/tracks/${n}`);
}

function told(job, ref) {
  const [, track] = /tracks\/(\d+)$/.exec(ref) || [];
  const name = track === undefined ? title(job) : `${job.result.tracks[track].title || title(job)}, track ${Number(track) + 1}`;
  return `${name.slice(0, 80)} · ${job.model} · ${ago(job.finished_at)}`;
}

// A choice among the jobs that fit, the newest first; an id of elsewhere can be typed in.
export function NameField({ id, schema, value, onChange, described, required, invalid, model }) {
  const [choices, setChoices] = useState([]);
  const [note, setNote] = useState("Looking for jobs…");
  const [typing, setTyping] = useState(false);
  useEffect(() => {
    let ended = false;
    const query = new URLSearchParams({ status: "succeeded", family: model.family, limit: 100 });
    if (schema["x-genqd-names"] === "task") query.set("kind", "video");
    get(`/v1/jobs?${query}`).then(({ jobs }) => {
      if (ended) return;
      const found = jobs.filter((job) => related(model, job)).flatMap((job) => references(job, schema["x-genqd-names"]).map((ref) => [ref, told(job, ref)]));
      setChoices(found);
      setNote(found.length ? "" : "No job that fits is done yet.");
    }, (fault) => !ended && setNote(fault.message));
    return () => void (ended = true);
  }, [model.id]);
  const chosen = (event) => {
    setTyping(event.target.value === "typed");
    onChange(event.target.value === "typed" ? undefined : event.target.value || undefined);
  };
  const listed = !value || choices.some(([ref]) => ref === value);
  return html`<select id=${id} value=${typing ? "typed" : value ?? ""} required=${required} aria-describedby=${described} aria-invalid=${invalid} onChange=${chosen}>
      <option value="">Choose a job…</option>
      ${!listed && !typing && html`<option value=${value}>${value}</option>`}
      ${choices.map(([ref, text]) => html`<option key=${ref} value=${ref}>${text}</option>`)}
      <option value="typed">An id that is typed in…</option>
    </select>
    ${typing && html`<input type="text" aria-label="Id of the ${schema["x-genqd-names"]}" placeholder="kie.ai's id, or genqd:job/…" maxlength=${schema.maxLength} value=${value ?? ""}
      onInput=${(e) => onChange(e.target.value || undefined)} />`}
    <small role="status">${note}</small>`;
}

// Each model that takes up this job: by its task or track, or by the file that it made.
function uses(models, job) {
  const list = [];
  const file = job.outputs[0];
  for (const model of models) {
    const fields = Object.entries(model.input?.properties || {});
    const name = fields.find(([, schema]) => isName(schema))?.[1]["x-genqd-names"];
    const [ref] = name && related(model, job) ? references(job, name) : [];
    if (ref) list.push({ model, ref, group: `Go on with this ${name}` });
    const takes = file && fields.some(([field, s]) => [s, s.items || {}].some((one) => isFile(field, one) && one["x-genqd-file"]?.media?.includes(file.media_type)));
    if (takes) list.push({ model, ref: `genqd:job/${job.id}/outputs/${file.index}`, group: "Take its file" });
  }
  return list.sort((a, b) => a.group.localeCompare(b.group));
}

export function UseAsInput({ job }) {
  const models = useModels();
  const [open, setOpen] = useState(false);
  if (job.status !== "succeeded") return null;
  const list = uses(models, job);
  if (!list.length) return null;
  const groups = [...new Set(list.map((one) => one.group))];
  return html`<button type="button" onClick=${() => setOpen(true)}>Use as input…</button>
    ${open && html`<${Dialog} title="Use as input" onClose=${() => setOpen(false)}><div class="uses">
      ${groups.map((group) => html`<section key=${group} aria-label=${group}><h3>${group}</h3><ul role="list">
        ${list.filter((one) => one.group === group).map(({ model, ref }) => html`<li key=${model.id}><a href=${href(["submit"], { model: model.id, use: ref })}>${model.name}</a> <small>${model.kind}</small></li>`)}
      </ul></section>`)}</div>
      <div class="actions"><button type="button" onClick=${() => setOpen(false)}>Close</button></div><//>`}`;
}

// A model's schema as fields of a form: one component a type, errors where their pointers point.
import { html, useState } from "./preact.js";
import { ask } from "./session.js";
import { bytes } from "./format.js";

const name = (key) => key.replace(/_/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").replace(/^./, (c) => c.toUpperCase());
export const isFile = (key, schema) => schema.type === "string" && (schema.format === "uri" || /(url|image|video|audio)s?$/i.test(key)) && !schema.enum;

export async function upload(file) {
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  return (await ask("/v1/files", { method: "POST", body: file, raw: true, headers })).json();
}

// A place to drop a file on. Its value is a reference to what was uploaded, or an address that is typed in.
function FileField({ id, value, onChange, described, required }) {
  const [over, setOver] = useState(false);
  const [note, setNote] = useState("");
  const take = async (file) => {
    setOver(false);
    if (!file) return;
    setNote(`Uploading ${file.name}…`);
    try {
      const stored = await upload(file);
      onChange(stored.ref);
      setNote(`${file.name}, ${bytes(stored.bytes)}, uploaded`);
    } catch (error) {
      setNote(error.message);
    }
  };
  return html`<div class="drop ${over ? "over" : ""}" data-drop onDragOver=${(e) => (e.preventDefault(), setOver(true))}
      onDragLeave=${() => setOver(false)} onDrop=${(e) => (e.preventDefault(), take(e.dataTransfer.files[0]))}>
    <input id=${id} type="text" value=${value ?? ""} aria-describedby=${described} required=${required}
      placeholder="https://… or drop a file here" onInput=${(e) => onChange(e.target.value || undefined)} />
    <label class="button">Choose a file<input type="file" class="hidden" onChange=${(e) => take(e.target.files[0])} /></label>
    <small role="status">${note}</small>
  </div>`;
}

function JsonField({ id, value, onChange, described }) {
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value));
  const [bad, setBad] = useState(false);
  const change = (next) => {
    setText(next);
    try {
      onChange(next.trim() ? JSON.parse(next) : undefined);
      setBad(false);
    } catch {
      setBad(true);
    }
  };
  return html`<textarea id=${id} rows="2" class="code" aria-invalid=${bad} aria-describedby=${described} placeholder="JSON"
    value=${text} onInput=${(e) => change(e.target.value)}></textarea>`;
}

function Control(props) {
  const { id, label, schema, value, onChange, described, required } = props;
  if (schema.enum) {
    return html`<select id=${id} value=${value === undefined ? "" : JSON.stringify(value)} aria-describedby=${described} required=${required}
        onChange=${(e) => onChange(e.target.value ? JSON.parse(e.target.value) : undefined)}>
      <option value="">${schema.default === undefined ? "–" : `Default: ${schema.default}`}</option>
      ${schema.enum.map((v) => html`<option value=${JSON.stringify(v)}>${String(v)}</option>`)}
    </select>`;
  }
  if (schema.type === "boolean") {
    return html`<input id=${id} type="checkbox" class="switch" role="switch" checked=${value ?? schema.default ?? false}
      aria-describedby=${described} onChange=${(e) => onChange(e.target.checked)} />`;
  }
  if (schema.type === "number" || schema.type === "integer") {
    return html`<input id=${id} type="number" step=${schema.type === "integer" ? 1 : "any"} min=${schema.minimum} max=${schema.maximum}
      placeholder=${schema.default ?? ""} value=${value ?? ""} aria-describedby=${described} required=${required}
      onInput=${(e) => onChange(e.target.value === "" ? undefined : Number(e.target.value))} />`;
  }
  if (isFile(label, schema)) return html`<${FileField} ...${props} />`;
  if (schema.type === "string" && ((schema.maxLength || 0) > 1000 || /prompt|text|lyrics/i.test(label))) {
    return html`<textarea id=${id} rows=${/negative/i.test(label) ? 2 : 4} maxlength=${schema.maxLength} value=${value ?? ""}
      aria-describedby=${described} required=${required} onInput=${(e) => onChange(e.target.value || undefined)}></textarea>`;
  }
  if (schema.type === "string" || schema.type === undefined) {
    return html`<input id=${id} type="text" maxlength=${schema.maxLength} placeholder=${schema.default ?? ""} value=${value ?? ""}
      aria-describedby=${described} required=${required} onInput=${(e) => onChange(e.target.value || undefined)} />`;
  }
  return html`<${JsonField} ...${props} />`;
}

// A list of plain values: a field each. Lists of anything else are JSON.
function ListField({ id, label, schema, value, onChange, described }) {
  const list = value || [];
  const set = (i, v) => onChange(list.map((old, at) => (at === i ? v : old)));
  const full = schema.maxItems !== undefined && list.length >= schema.maxItems;
  return html`<div class="items" id=${id} role="group" aria-label=${name(label)} aria-describedby=${described}>
    ${list.map((item, i) => html`<div key=${i}>
      <label class="hidden" for="${id}-${i}">${name(label)} ${i + 1}</label>
      <${Control} id="${id}-${i}" label=${label} schema=${schema.items} value=${item} onChange=${(v) => set(i, v ?? "")} />
      <button type="button" aria-label="Remove ${name(label)} ${i + 1}" onClick=${() => onChange(list.length > 1 ? list.filter((_, at) => at !== i) : undefined)}>✕</button>
    </div>`)}
    ${!full && html`<button type="button" onClick=${() => onChange([...list, ""])}>Add ${name(label).toLowerCase()}</button>`}
  </div>`;
}

export function Field({ label, schema, value, onChange, required, errors }) {
  const id = `field-${label}`;
  const type = Array.isArray(schema.type) ? schema.type.find((t) => t !== "null") : schema.type;
  const plain = { ...schema, type };
  const faults = errors.filter((e) => e.pointer === `/input/${label}` || e.pointer.startsWith(`/input/${label}/`));
  const described = [schema.description && `${id}-help`, faults.length && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  const isList = type === "array" && ["string", "number", "integer"].includes(schema.items?.type);
  const props = { id, label, schema: plain, value, onChange, described, required };
  return html`<div class="field ${faults.length ? "bad" : ""} ${type === "boolean" ? "line" : ""}">
    ${isList ? html`<span class="label">${name(label)}${required && html` <em>required</em>`}</span>`
      : html`<label for=${id}>${name(label)}${required && html` <em>required</em>`}</label>`}
    ${isList ? html`<${ListField} ...${props} />` : html`<${Control} ...${props} />`}
    ${faults.map((f) => html`<p class="fault" id="${id}-fault" role="alert">${f.detail}</p>`)}
    ${schema.description && html`<small id="${id}-help">${schema.description}</small>`}
  </div>`;
}

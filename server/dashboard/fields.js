// A model's schema as fields of a form: one component a type, faults where their pointers point.
import { html, useContext, useEffect, useRef, useState } from "./preact.js";
import { FileField, Holds } from "./file_field.js";
import { ListField } from "./list_field.js";
import { NameField } from "./follow.js";
import { isFile, isName, title, typeOf } from "./schema.js";

// What is no JSON stays in the field, says so, and is not sent.
function JsonField({ id, value, onChange, described, invalid }) {
  const hold = useContext(Holds);
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value, null, 2));
  const [fault, setFault] = useState("");
  useEffect(() => () => hold(id, null), []);
  const change = (next) => {
    setText(next);
    try {
      onChange(next.trim() ? JSON.parse(next) : undefined);
      setFault("");
      hold(id, null);
    } catch (error) {
      const detail = `This is not JSON: ${error.message}`;
      setFault(detail);
      hold(id, { detail });
    }
  };
  return html`<textarea id=${id} rows="6" class="code" spellcheck="false" aria-invalid=${invalid || !!fault} aria-describedby=${[described, `${id}-json`].filter(Boolean).join(" ")}
      placeholder="JSON" value=${text} onInput=${(e) => change(e.target.value)}></textarea>
    <p class="fault" id="${id}-json">${fault}</p>`;
}

function Control(props) {
  const { id, field, schema, value, onChange, described, required, invalid } = props;
  const common = { id, required, "aria-describedby": described, "aria-invalid": invalid };
  const type = typeOf(schema);
  const typed = (e) => onChange(e.target.value || undefined);
  if (isName(schema)) return html`<${NameField} ...${props} />`;
  if (schema.enum) {
    return html`<select ...${common} value=${value === undefined ? "" : JSON.stringify(value)}
        onChange=${(e) => onChange(e.target.value ? JSON.parse(e.target.value) : undefined)}>
      <option value="">${schema.default === undefined ? "–" : `Default: ${schema.default}`}</option>
      ${schema.enum.map((v) => html`<option value=${JSON.stringify(v)}>${String(v)}</option>`)}
    </select>`;
  }
  if (type === "boolean") {
    return html`<input id=${id} type="checkbox" class="switch" role="switch" checked=${value ?? schema.default ?? false}
      aria-describedby=${described} onChange=${(e) => onChange(e.target.checked)} />`;
  }
  if (type === "number" || type === "integer") {
    return html`<input ...${common} type="number" step=${type === "integer" ? 1 : "any"} min=${schema.minimum} max=${schema.maximum}
      placeholder=${schema.default ?? ""} value=${value ?? ""} onInput=${(e) => onChange(e.target.value === "" ? undefined : Number(e.target.value))} />`;
  }
  if (isFile(field, schema)) return html`<${FileField} ...${props} />`;
  if (type === "string" && ((schema.maxLength || 0) > 1000 || /prompt|text|lyrics/i.test(field))) {
    return html`<textarea ...${common} rows=${/negative/i.test(field) ? 2 : 4} maxlength=${schema.maxLength} value=${value ?? ""} onInput=${typed}></textarea>`;
  }
  if (type === "string" || type === undefined) {
    return html`<input ...${common} type="text" maxlength=${schema.maxLength} placeholder=${schema.default ?? ""} value=${value ?? ""} onInput=${typed} />`;
  }
  return html`<${JsonField} ...${props} />`;
}

// A label, its control, what is wrong with it and what it is for; `at` is its place in the body.
export function Labelled({ id, label, required, errors, at, help, line, group, children }) {
  const faults = errors.filter((e) => e.pointer === at || e.pointer.startsWith(`${at}/`));
  const described = [help && `${id}-help`, faults.length && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  const text = html`${label}${required && html` <em>required</em>`}`;
  return html`<div class="field ${faults.length ? "bad" : ""} ${line ? "line" : ""}">
    ${group ? html`<span class="label">${text}</span>` : html`<label for=${id}>${text}</label>`}
    ${children({ id, described, invalid: faults.length > 0, required })}
    ${faults.length > 0 && html`<p class="fault" id="${id}-fault">${faults.map((f) => `${f.pointer.slice(at.length + 1)} ${f.detail}`.trim()).join("; ")}</p>`}
    ${help && html`<small id="${id}-help">${help}</small>`}
  </div>`;
}

// Folded away until it is wanted; it doesn't fold again under somebody's hands.
export function Fold({ summary, wanted, children }) {
  const opened = useRef(false);
  opened.current ||= wanted;
  return html`<details open=${opened.current}><summary>${summary}</summary>${children}</details>`;
}

export function Field({ field, schema, value, onChange, required, errors, model }) {
  const type = typeOf(schema);
  const isList = type === "array" && ["string", "number", "integer"].includes(schema.items?.type);
  const what = title(field);
  return html`<${Labelled} id="field-${field}" label=${what} required=${required} errors=${errors} at="/input/${field}" help=${schema.description}
      line=${type === "boolean"} group=${isList}>
    ${(props) => (isList ? html`<${ListField} ...${props} field=${field} schema=${schema} value=${value} onChange=${onChange} Item=${Control} />`
      : html`<${Control} ...${props} field=${field} what=${what} schema=${schema} value=${value} onChange=${onChange} model=${model} />`)}
  <//>`;
}

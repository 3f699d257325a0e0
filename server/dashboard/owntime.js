// A time of one's own, from … to …, as two fields of a list's filters.
import { html, useEffect, useRef } from "./preact.js";

// A time of the address, or null where it is none.
export function timeOf(text) {
  const time = new Date(text || NaN);
  return Number.isNaN(time.getTime()) ? null : time;
}

// As the field wants it: of this place, to the minute.
function local(time) {
  return time ? new Date(time - time.getTimezoneOffset() * 60000).toISOString().slice(0, 16) : "";
}

// Counts once it is whole and left: while it is typed the year goes through 0002 and 0020, and a part that is taken out
// empties the value.
function Moment({ text, value, onChange }) {
  const box = useRef();
  const shown = local(timeOf(value));
  useEffect(() => void (box.current.value = shown), [shown]);
  const apply = () => {
    const field = box.current;
    if (!field || field.validity.badInput || field.value === shown || !field.reportValidity()) return;
    onChange(field.value && new Date(field.value).toISOString());
  };
  return html`<label class="moment"><span>${text}</span><input type="datetime-local" ref=${box} min="2000-01-01T00:00" max="2999-12-31T23:59"
    onBlur=${apply} onKeyDown=${(e) => e.key === "Enter" && apply()} /></label>`;
}

export function OwnTime({ query, onChange }) {
  return html`<div class="moments" role="group" aria-label="Created">
    <${Moment} text="From" value=${query.get("after")} onChange=${(time) => onChange("after", time)} />
    <${Moment} text="To" value=${query.get("before")} onChange=${(time) => onChange("before", time)} /></div>`;
}

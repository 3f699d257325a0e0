// A list of plain values or of files: a field each, and a place for more.
import { html, useEffect, useRef, useState } from "./preact.js";
import { DropZone } from "./file_field.js";
import { isFile, title } from "./schema.js";

let made = 0;

// `Item` draws one entry. Entries have keys of their own, so that one that goes takes nothing of the others with it, and
// values are set over what the list is then: two uploads may end at once.
export function ListField({ id, field, schema, value, onChange, described, invalid, Item }) {
  const list = value || [];
  const keys = useRef([]);
  const starts = useRef(new Map());
  const focus = useRef("");
  const [note, setNote] = useState("");
  while (keys.current.length < list.length) keys.current.push(++made);
  keys.current.length = list.length;
  const files = isFile(field, schema.items);
  const what = title(field);
  const room = (schema.maxItems ?? Infinity) - list.length;
  useEffect(() => {
    if (focus.current) document.getElementById(focus.current)?.focus();
    focus.current = "";
  });
  const set = (key, next) => onChange((before) => (before || []).map((old, i) => (keys.current[i] === key ? next ?? "" : old)));
  const add = (values, coming = []) => {
    const fresh = values.slice(0, room).map((_, i) => {
      keys.current.push(++made);
      if (coming[i]) starts.current.set(made, coming[i]);
      return made;
    });
    setNote(values.length > room ? `${schema.maxItems} fit here: ${values.length - Math.max(0, room)} of ${values.length} were left out.` : "");
    if (fresh.length) onChange((before) => [...(before || []), ...values.slice(0, room)]);
    return fresh;
  };
  const open = () => (focus.current = `${id}-${add([""])[0]}`);
  const take = ({ files = [], address }) => {
    if (address) add([address]);
    else if (files.length) add(files.map(() => ""), files);
    else setNote("There was no file in what was dropped, and no address.");
  };
  const remove = (key) => {
    const at = keys.current.indexOf(key);
    keys.current.splice(at, 1);
    starts.current.delete(key);
    const next = keys.current[Math.min(at, keys.current.length - 1)];
    focus.current = next ? `${id}-${next}-remove` : `${id}-add`;
    setNote("");
    onChange((before) => (before.length > 1 ? before.filter((_, i) => i !== at) : undefined));
  };
  const adder = html`<button type="button" id="${id}-add" onClick=${open}>Add ${files ? "an address" : what.toLowerCase()}</button>`;
  return html`<div class="items" id=${id} role="group" aria-label=${what} aria-describedby=${described}>
    ${list.map((item, i) => {
      const key = keys.current[i], own = `${id}-${key}`;
      return html`<div class="item" key=${key}>
        <label class="hidden" for=${own}>${what} ${i + 1}</label>
        <${Item} id=${own} field=${field} what="${what} ${i + 1}" schema=${schema.items} value=${item} invalid=${invalid} start=${starts.current.get(key)}
          onChange=${(next) => set(key, next)} onMore=${(more) => take({ files: more })} />
        <button type="button" id="${own}-remove" aria-label="Remove ${what} ${i + 1}" onClick=${() => remove(key)}>✕</button>
      </div>`;
    })}
    ${room > 0 && (files ? html`<${DropZone} schema=${schema.items} many=${room > 1} what=${what} onTake=${take}>
      <span class="more"><small>Drop ${room > 1 ? "files" : "a file"} here</small>${adder}</span><//>` : adder)}
    <small role="status">${note}</small>
  </div>`;
}

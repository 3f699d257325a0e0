// A place to drop a file on. Its value is a reference to what was uploaded, or an address that is typed in or dragged here.
import { createContext, html, useContext, useEffect, useRef, useState } from "./preact.js";
import { Thumbnail } from "./media.js";
import { bytes } from "./format.js";
import { dropped, upload, uploaded } from "./upload.js";

// Takes (id, { detail }) of a field that is not fit to be sent yet, and (id, null) once it is; without a detail it only has
// to be waited for.
export const Holds = createContext(() => {});

const OUTPUT = /^genqd:job\/([0-9A-Z]{26})\/outputs\/(\d+)$/;

function Preview({ value }) {
  const picture = uploaded(value)?.picture;
  if (picture) return html`<img src=${picture} alt="" />`;
  const [, job, index] = OUTPUT.exec(value || "") || [];
  return job ? html`<${Thumbnail} key=${value} job=${job} output=${{ index: Number(index), media_type: "file/", bytes: Infinity }} width=${160} alt="" />` : null;
}

// A zone that takes what is dropped, and the button beside it.
export function DropZone({ schema, many, what, onTake, below, children }) {
  const [over, setOver] = useState(false);
  const take = (event) => {
    event.preventDefault();
    setOver(false);
    onTake(dropped(event.dataTransfer));
  };
  const chosen = (event) => {
    onTake({ files: [...event.target.files] });
    event.target.value = ""; // The same file again is a choice too.
  };
  return html`<div class="drop ${over ? "over" : ""}" data-drop onDragOver=${(e) => (e.preventDefault(), setOver(true))}
      onDragLeave=${() => setOver(false)} onDrop=${take}>
    ${children}
    <label class="button">${many ? "Choose files" : "Choose a file"}<input type="file" class="hidden" multiple=${many} aria-label="${many ? "Choose files" : "Choose a file"}: ${what}"
      accept=${schema["x-genqd-file"]?.media?.join(",")} onChange=${chosen} /></label>
    ${below}
  </div>`;
}

// `start` is a file that was dropped for this entry of a list; `onMore` takes those that came with its own.
export function FileField({ id, what, schema, value, onChange, described, required, invalid, start, onMore }) {
  const hold = useContext(Holds);
  const [state, setState] = useState({});
  const [aside, setAside] = useState("");
  const running = useRef();
  const stop = () => {
    running.current?.abort();
    running.current = null;
    hold(id, null);
    setState({});
    setAside("");
  };
  const send = async (file) => {
    stop();
    const most = schema["x-genqd-file"]?.max_bytes;
    const fail = (detail) => (setState({ fault: detail }), hold(id, { detail }));
    if (most && file.size > most) return fail(`${file.name} has ${bytes(file.size)}; at most ${bytes(most)} are taken`);
    const turn = (running.current = new AbortController());
    hold(id, {});
    setState({ name: file.name, done: 0 });
    try {
      const stored = await upload(file, { signal: turn.signal, onProgress: (done) => !turn.signal.aborted && setState({ name: file.name, done }) });
      if (turn.signal.aborted) return;
      hold(id, null);
      onChange(stored.ref);
      setState({});
    } catch (fault) {
      if (!turn.signal.aborted) fail(`${file.name} was not uploaded: ${fault.message}`);
    }
  };
  useEffect(() => {
    if (start) send(start);
    return () => {
      running.current?.abort();
      hold(id, null);
    };
  }, []);
  const take = ({ files = [], address }) => {
    if (address) return change(address);
    const [file, ...more] = files;
    if (!file) return setAside("There was no file in what was dropped, and no address.");
    send(file);
    if (more.length && onMore) onMore(more);
    else if (more.length) setAside(`One file fits here: ${file.name} was taken.`);
  };
  const change = (text) => {
    stop();
    onChange(text || undefined);
  };
  const file = uploaded(value);
  const note = [state.name && `Uploading ${state.name}…`, file && !state.name && !state.fault && `${file.name}, ${bytes(file.bytes)}, uploaded`, aside].filter(Boolean).join(" ");
  const below = html`<small class="file" id="${id}-note" role="status">${!state.name && html`<${Preview} value=${value} />`}<span>${note}</span>
      ${state.name && html`<progress max="1" value=${state.done} aria-label="Uploaded of ${state.name}"></progress>`}
      ${state.fault && html`<span class="fault">${state.fault}</span>`}</small>`;
  return html`<${DropZone} schema=${schema} what=${what} onTake=${take} below=${below}>
    <input id=${id} type="text" value=${value ?? ""} aria-describedby=${[described, `${id}-note`].filter(Boolean).join(" ")} required=${required} aria-invalid=${invalid || !!state.fault}
      placeholder="https://… or drop a file here" onInput=${(e) => change(e.target.value)} />
  <//>`;
}

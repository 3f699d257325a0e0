// Small pieces that every view is made of.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { RUNNING, ago, moment } from "./format.js";
import { Unreachable } from "./session.js";

export function Status({ status }) {
  return html`<span class="status ${status}"><i aria-hidden="true"></i>${status}</span>`;
}

export function Ago({ time }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 10000);
    return () => clearInterval(timer);
  }, []);
  return html`<time dateTime=${time} title=${moment(time)}>${ago(time)}</time>`;
}

// A fault that is all that a view has to say is its heading. That the daemon does not answer a look, the frame says.
export function Fault({ error }) {
  const [alone, setAlone] = useState(false);
  useLayoutEffect(() => setAlone(!document.querySelector("main h1:not(.fault)")), [error]);
  if (!error || (error instanceof Unreachable && error.looked && !alone)) return null;
  const text = error instanceof Unreachable && error.looked ? "Nothing to show yet" : error.message;
  return alone ? html`<div role="alert"><h1 class="fault">${text}</h1></div>` : html`<p class="fault" role="alert">${text}</p>`;
}

export function Empty({ title, children }) {
  return html`<div class="empty"><strong>${title}</strong><p>${children}</p></div>`;
}

// A dialog of the browser's own: it traps the focus, closes on Escape and gives the focus back.
export function Dialog({ title, onClose, children }) {
  const box = useRef();
  useEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    return () => before?.focus?.();
  }, []);
  return html`<dialog ref=${box} onClose=${onClose} aria-labelledby="dialog-title">
    <h2 id="dialog-title">${title}</h2>
    ${children}
  </dialog>`;
}

export function Confirm({ title, text, action, danger, onYes, onClose }) {
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <p>${text}</p>
    <div class="actions">
      <button type="button" onClick=${onClose}>Not now</button>
      <button type="button" class=${danger ? "danger" : "primary"} onClick=${onYes}>${action}</button>
    </div>
  <//>`;
}

// Says to a screen reader what changed; a sighted person sees it in passing.
export function announce(text) {
  const place = document.getElementById("news");
  if (!place) return;
  place.textContent = text;
  place.classList.add("on");
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => place.classList.remove("on"), 4000);
}

export function Progress({ job }) {
  if (!RUNNING.includes(job.status)) return null;
  const percent = Math.round((job.progress?.fraction || 0) * 100);
  return html`<progress max="100" value=${percent} aria-label="Estimated progress">${percent} %</progress>`;
}

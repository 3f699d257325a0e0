// Keys for the whole page. Single characters can be switched off, since speech input types them by accident.
import { html, useEffect, useRef, useState } from "./preact.js";
import { go } from "./route.js";
import { Dialog } from "./parts.js";

const KEYS = [["/", "Search"], ["j k", "Next, previous job"], ["Enter", "Open"], ["g then q, j, g, s, m, c", "Queue, jobs, gallery, submit, models, credits"], ["n", "New job"], ["?", "This help"]];
const PLACES = { q: "queue", j: "jobs", g: "gallery", s: "submit", m: "models", c: "usage" };
const areOff = () => localStorage.getItem("genqd_keys") === "off";

// `onSearch` puts the focus into a search box, of this view or of the list of jobs.
export function useKeys({ onHelp, onSearch }) {
  const before = useRef("");
  useEffect(() => {
    const keys = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
      if (areOff()) {
        // Views have keys of their own, which listen after this.
        if (/^[jk]$/.test(event.key)) event.stopImmediatePropagation();
        return;
      }
      const first = before.current;
      before.current = event.key;
      if (first === "g" && PLACES[event.key]) {
        before.current = "";
        event.stopImmediatePropagation();
        go([PLACES[event.key]]);
      } else if (event.key === "?") onHelp();
      else if (event.key === "n") go(["submit"]);
      else if (event.key === "/") {
        event.preventDefault();
        onSearch();
      }
    };
    addEventListener("keydown", keys, true);
    return () => removeEventListener("keydown", keys, true);
  }, []);
}

export function Help({ onClose }) {
  const [off, setOff] = useState(areOff);
  const change = (event) => {
    if (event.target.checked) localStorage.removeItem("genqd_keys");
    else localStorage.setItem("genqd_keys", "off");
    setOff(areOff());
  };
  return html`<${Dialog} title="Keys" onClose=${onClose}><dl class="keys">${KEYS.map(([key, text]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${text}</dd></div>`)}</dl>
    <div class="field line"><label for="keys-on">Keys of a single character</label><input id="keys-on" type="checkbox" class="switch" role="switch" checked=${!off} onChange=${change} /></div>
    <div class="actions"><button type="button" class="primary" onClick=${onClose}>Close</button></div><//>`;
}

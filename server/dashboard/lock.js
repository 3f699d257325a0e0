// Before anything else: a token that may read, where the daemon wants one.
import { html, useEffect, useRef, useState } from "./preact.js";
import { get, setToken } from "./session.js";

export const NO_READ = "This token may not read, and the dashboard shows what is read: it needs the scope “read”.";

export function Locked({ reason, onOpen }) {
  const [error, setError] = useState(reason);
  const box = useRef();
  useEffect(() => box.current.focus(), []);
  const open = async (event) => {
    event.preventDefault();
    const typed = box.current.value.trim();
    if (!/^[\x21-\x7e]+$/.test(typed)) return setError("A token has letters from A to Z, digits and signs, and no spaces.");
    setToken(typed);
    try {
      // Some of what only needs `submit` would be shown to such a token; the queue wants `read` as most does.
      await get("/v1/queue");
      onOpen();
    } catch (fault) {
      setToken("");
      setError(fault.status === 403 ? NO_READ : fault.message);
    }
  };
  return html`<main class="locked"><form class="card" onSubmit=${open} noValidate><h1>genqd</h1>
    <p>This daemon wants a token. It stays in this tab and is forgotten with it.</p>
    <div class="field"><label for="token">Token</label>
      <input id="token" ref=${box} type="password" autocomplete="off" required aria-describedby="token-fault" /></div>
    <p class="fault" id="token-fault" role="alert">${error}</p>
    <button type="submit" class="primary">Open</button></form></main>`;
}

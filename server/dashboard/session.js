// Who asks: the token, kept for this tab only, and every request to the daemon.

const KEY = "genqd_token";
const listeners = new Set();

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The daemon answered ${status}`);
    this.status = status;
    this.code = body.code;
    this.errors = body.errors || [];
  }
}

export const token = () => sessionStorage.getItem(KEY) || "";

export function setToken(value) {
  if (value) sessionStorage.setItem(KEY, value);
  else sessionStorage.removeItem(KEY);
}

// Called when the daemon wants another token than it got.
export function onLocked(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function authorized(headers = {}) {
  return token() ? { ...headers, Authorization: `Bearer ${token()}` } : headers;
}

// The response, or a Problem. Only a page that is shut, or a timeout, is told apart from a refusal.
export async function ask(path, { method = "GET", body, headers = {}, signal, raw } = {}) {
  const send = { method, headers: authorized(headers), signal };
  if (body !== undefined) {
    send.body = raw ? body : JSON.stringify(body);
    if (!raw) send.headers["Content-Type"] = "application/json";
  }
  const response = await fetch(path, send);
  if (response.status === 401) for (const listener of listeners) listener();
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => ({})));
  return response;
}

export async function get(path, options) {
  return (await ask(path, options)).json();
}

export async function post(path, body = {}, headers) {
  return (await ask(path, { method: "POST", body, headers })).json();
}

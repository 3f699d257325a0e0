// Where in the dashboard we are: `#/jobs?status=failed` is { path: ["jobs"], query: URLSearchParams }.
import { useEffect, useState } from "./preact.js";

// An address may be typed: what is no encoding stands for itself.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function read() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

export function useRoute() {
  const [route, set] = useState(read);
  useEffect(() => {
    const changed = () => set(read());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}

export function href(path, query) {
  const text = query ? new URLSearchParams(query).toString() : "";
  return `#/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

export const go = (path, query) => void (location.hash = href(path, query));

// Filters change the address, but don't fill the browser's history.
export function replace(path, query) {
  history.replaceState(null, "", href(path, query));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

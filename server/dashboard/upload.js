// Files on their way to the daemon. A fetch() can't tell how far it is, an XMLHttpRequest can.
import { Unreachable, authorized, reached, refusal } from "./session.js";

// What was uploaded here, by its reference: the name and the picture that a digest doesn't tell.
const known = new Map();
export const uploaded = (ref) => known.get(ref);

export function upload(file, { signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/files");
    const headers = authorized({ "Content-Type": file.type || "application/octet-stream" });
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => (reached(false), reject(new Unreachable("POST")));
    request.onabort = () => reject(new DOMException("given up", "AbortError"));
    request.onload = () => {
      reached(true);
      if (request.status >= 300) return reject(refusal(request.status, request.response || {}));
      const stored = request.response;
      known.set(stored.ref, { name: file.name, bytes: stored.bytes, picture: file.type.startsWith("image/") && URL.createObjectURL(file) });
      resolve(stored);
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

// What a drop brings: files, or, from another page, an address.
export function dropped(data) {
  if (data.files.length) return { files: [...data.files] };
  const address = (data.getData("text/uri-list") || data.getData("text/plain")).split(/\r?\n/).find((line) => line && !line.startsWith("#"));
  return /^(https?:\/\/|genqd:)/.test(address || "") ? { address } : {};
}

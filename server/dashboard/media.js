// Outputs as pictures and players. An <img> can't send the token: small pictures are fetched and shown as blobs, films
// and songs, which want ranges, by a signed address of this origin.
import { html, useEffect, useRef, useState } from "./preact.js";
import { ask, get, token } from "./session.js";
import { bytes } from "./format.js";

const kept = new Map();

async function blobUrl(path) {
  if (!kept.has(path)) {
    kept.set(path, ask(path).then((r) => r.blob()).then((b) => URL.createObjectURL(b)));
    kept.get(path).catch(() => kept.delete(path));
    if (kept.size > 300) {
      const [oldest, url] = kept.entries().next().value;
      kept.delete(oldest);
      url.then(URL.revokeObjectURL, () => {});
    }
  }
  return kept.get(path);
}

// Fetched once it comes near the window: a gallery of hundreds asks for what is looked at.
export function Thumbnail({ job, output, width = 480, alt }) {
  const [src, setSrc] = useState(null);
  const [failed, setFailed] = useState(false);
  const place = useRef();
  const path = `/v1/jobs/${job}/outputs/${output.index}`;
  useEffect(() => {
    let ended = false;
    const seer = new IntersectionObserver(async ([entry]) => {
      if (!entry.isIntersecting) return;
      seer.disconnect();
      try {
        const url = await blobUrl(`${path}/thumbnail?w=${width}`).catch((error) =>
          output.media_type.startsWith("image/") && output.bytes < 2e7 ? blobUrl(path) : Promise.reject(error));
        if (!ended) setSrc(url);
      } catch {
        if (!ended) setFailed(true);
      }
    }, { rootMargin: "200px" });
    seer.observe(place.current);
    return () => {
      ended = true;
      seer.disconnect();
    };
  }, [path, width]);
  return html`<span class="thumb" ref=${place}>
    ${src && html`<img src=${src} alt=${alt} />`}
    ${failed && html`<span class="glyph">${output.media_type.split("/")[0]}</span>`}
  </span>`;
}

// The address of an output as a player can use it: signed where there is a token, and of this origin whatever
// `http.public_url` says.
async function playable(job, output) {
  if (!token()) return output.url;
  const signed = (await get(`/v1/jobs/${job}?sign=3600`)).outputs.find((o) => o.index === output.index);
  const url = new URL(signed.signed_url, location.href);
  return url.pathname + url.search;
}

function Player({ job, output }) {
  const [src, setSrc] = useState(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    playable(job, output).then(setSrc, () => setFailed(true));
  }, [job, output.sha256]);
  if (failed) return html`<p class="fault">This file can't be played here; download it.</p>`;
  if (!src) return html`<span class="thumb"></span>`;
  const label = `${output.role || "output"} ${output.index + 1}`;
  return output.media_type.startsWith("video/")
    ? html`<video controls preload="metadata" src=${src} aria-label=${label}></video>`
    : html`<audio controls preload="metadata" src=${src} aria-label=${label}></audio>`;
}

async function save(output) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (await ask(output.url)).blob());
  link.download = output.filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export function Outputs({ job, outputs, title }) {
  return html`<div class="outputs">
    ${outputs.map((output) => {
      const kind = output.media_type.split("/")[0];
      const media = output.media || {};
      const facts = [
        output.media_type,
        media.width && `${media.width} × ${media.height}`,
        media.duration_s && `${media.duration_s.toFixed(1)} s`,
        bytes(output.bytes),
      ].filter(Boolean).join(" · ");
      return html`<figure key=${output.index}>
        ${kind === "image" && html`<${Thumbnail} job=${job} output=${output} width=${1024} alt=${title} />`}
        ${(kind === "video" || kind === "audio") && html`<${Player} job=${job} output=${output} />`}
        ${!["image", "video", "audio"].includes(kind) && html`<span class="thumb"><span class="glyph">file</span></span>`}
        <figcaption>
          <span><strong>${output.filename}</strong><small>${facts}</small></span>
          <button type="button" onClick=${() => save(output)} aria-label="Download ${output.filename}">Download</button>
        </figcaption>
      </figure>`;
    })}
  </div>`;
}

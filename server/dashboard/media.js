// Outputs as pictures and players. An <img> can't send the token: small pictures are fetched and shown as blobs, films
// and songs, which want ranges, by a signed address of this origin.
import { html, useEffect, useRef, useState } from "./preact.js";
import { ask, get, token } from "./session.js";
import { Dialog, Fault } from "./parts.js";
import { bytes, title } from "./format.js";
import { excerpt, trackOf } from "./texts.js";

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

export const kindOf = (output) => output.media_type.split("/")[0];
const isCover = (output) => output.role === "cover";

// The outputs that stand for a job in the gallery: not the covers of its tracks, and of a text that is also JSON the text.
export function shownOf(job) {
  const first = ["audio", "video", "image", "text"].find((kind) => job.outputs.some((o) => kindOf(o) === kind && !isCover(o)));
  if (!first) return job.outputs.slice(0, 1);
  return job.outputs.filter((o) => !isCover(o) && (kindOf(o) === first || (first === "video" && kindOf(o) === "image")));
}

// What people call an output: a track by its title, all else by what was asked for.
export const nameOf = (job, output) => trackOf(job, output)?.title || title(job);

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
          kindOf(output) === "image" && output.bytes < 2e7 ? blobUrl(path) : Promise.reject(error));
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
    ${failed && html`<span class="glyph">${kindOf(output)}</span>`}
  </span>`;
}

// What stands for an output in the gallery: its thumbnail, the cover of a track, the first words of a text.
export function Preview({ job, output }) {
  const kind = kindOf(output);
  const tracks = job.outputs.filter((o) => kindOf(o) === "audio"), covers = job.outputs.filter(isCover);
  const pictured = ["image", "video"].includes(kind) ? output : kind === "audio" ? covers[tracks.indexOf(output)] ?? covers[0] : null;
  if (pictured) return html`<${Thumbnail} job=${job.id} output=${pictured} width=${320} alt="" />`;
  const words = kind === "audio" ? "" : excerpt(job);
  return html`<span class="thumb">${words ? html`<span class="excerpt">${words}</span>` : html`<span class="glyph">${kind === "audio" ? "♪ audio" : kind}</span>`}</span>`;
}

// The address of an output as a player can use it: signed where there is a token, and of this origin whatever
// `http.public_url` says.
async function playable(job, output) {
  if (!token()) return output.url;
  const signed = (await get(`/v1/jobs/${job.id}?sign=3600`)).outputs.find((o) => o.index === output.index);
  const url = new URL(signed.signed_url, location.href);
  return url.pathname + url.search;
}

function Player({ job, output, label }) {
  const [src, setSrc] = useState(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    playable(job, output).then(setSrc, () => setFailed(true));
  }, [job.id, output.sha256]);
  if (failed) return html`<p class="fault">This file can't be played here; download it.</p>`;
  if (!src) return html`<span class="thumb"></span>`;
  return kindOf(output) === "video"
    ? html`<video controls preload="metadata" src=${src} aria-label=${label}></video>`
    : html`<audio controls preload="metadata" src=${src} aria-label=${label}></audio>`;
}

// A picture, and at a click the whole of it.
function Picture({ job, output, name }) {
  const [open, setOpen] = useState(false);
  const [src, setSrc] = useState(null);
  const [error, setError] = useState(null);
  const show = () => {
    setOpen(true);
    blobUrl(output.url).then(setSrc, setError);
  };
  return html`<button type="button" class="picture" aria-label="Open ${output.filename} in full size" onClick=${show}>
      <${Thumbnail} job=${job.id} output=${output} width=${1024} alt=${name} /></button>
    ${open && html`<${Dialog} title=${name} onClose=${() => setOpen(false)}>
      <div class="full" tabindex="0" role="region" aria-label="The picture">${src && html`<img src=${src} alt=${name} />`}<${Fault} error=${error} /></div>
      <div class="actions">${src && html`<a class="button" href=${src} target="_blank" rel="noopener">In a tab of its own</a>`}
        <button type="button" class="primary" onClick=${() => setOpen(false)}>Close</button></div><//>`}`;
}

async function save(output) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (await ask(output.url)).blob());
  link.download = output.filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function Caption({ output, name, children }) {
  const media = output.media || {};
  const facts = [
    output.media_type.split(";")[0],
    media.width && `${media.width} × ${media.height}`,
    media.duration_s && `${media.duration_s.toFixed(1)} s`,
    bytes(output.bytes),
  ].filter(Boolean).join(" · ");
  return html`<span><strong>${name || output.filename}</strong><small>${facts}</small>${children}</span>
    <button type="button" onClick=${() => save(output)} aria-label="Download ${output.filename}">Download</button>`;
}

function Output({ job, output, name }) {
  const kind = kindOf(output), track = trackOf(job, output);
  return html`<figure>
    ${kind === "image" ? html`<${Picture} job=${job} output=${output} name=${name} />`
      : html`<${Player} job=${job} output=${output} label=${track?.title || `${output.role || "output"} ${output.index + 1}`} />`}
    <figcaption><${Caption} output=${output} name=${track?.title}>${track?.tags && html`<small>${track.tags}</small>`}<//></figcaption>
    ${track?.lyrics && html`<details class="lyrics"><summary>Lyrics</summary><p class="words">${track.lyrics}</p></details>`}
  </figure>`;
}

export function Outputs({ job, name }) {
  const seen = job.outputs.filter((o) => ["image", "video", "audio"].includes(kindOf(o)));
  const files = job.outputs.filter((o) => !seen.includes(o));
  return html`${seen.length > 0 && html`<div class="outputs">${seen.map((output) => html`<${Output} key=${output.index} job=${job} output=${output} name=${name} />`)}</div>`}
    ${files.length > 0 && html`<section class="card files" aria-labelledby="files"><h2 id="files">Files</h2>
      <ul role="list">${files.map((output) => html`<li key=${output.index}><${Caption} output=${output} /></li>`)}</ul></section>`}`;
}

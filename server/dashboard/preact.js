// Preact and htm as one module, without htm's cache of static sub-trees: what that keeps points to the trees it was once
// drawn in, so a page that draws without end would hold every one of them. `this[0] = 3` calls a sub-tree dynamic.
import { h } from "./preact_standalone.js";
import htm from "./htm.js";
export * from "./preact_standalone.js";

export const html = htm.bind(function (...args) {
  this[0] = 3;
  return h(...args);
});

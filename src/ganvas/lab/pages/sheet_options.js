// @ts-check
// What of a sheet is shown: which weights, and the samples of which class.

import { el } from "./dom.js";
import { texts } from "./texts.js";

const PICTURES = 100; // of a sheet

/** Lists above a sheet, and a shade over the samples of other classes.
 * @param {() => void} onChange
 */
export function sheetOptions(onChange) {
  const said = texts.sheetOptions;
  /** @type {string[]} */
  let classes = [];
  let cells = 0;
  const options = (/** @type {[string, string][]} */ all) => all.map(([value, text]) => el("option", { value }, text));
  const weights = /** @type {HTMLSelectElement} */ (el("select.weights", { "aria-label": said.weights, onchange: onChange }, ...options([["file", said.averaged], ["raw", said.raw]])));
  const chosen = /** @type {HTMLSelectElement} */ (el("select.class", { "aria-label": said.class, onchange: onChange }));
  const pane = /** @type {HTMLCanvasElement} */ (el("canvas", { role: "img", "aria-label": said.classHint })), shade = el("div.shade", { hidden: true }, pane);
  const hint = el("p.hint"), element = el("div", { hidden: true }, el("div.choices", {}, weights, chosen), hint);

  /** @param {{file: string, raw?: string}[]} sheets  @param {string[]} names  @param {number} across  pictures in a row */
  function set(sheets, names, across) {
    cells = across;
    weights.hidden = !sheets.some((each) => each.raw);
    if (weights.hidden) weights.value = "file";
    if (names.join("\n") !== classes.join("\n")) chosen.replaceChildren(...options([["", said.all], ...names.map((name, at) => /** @type {[string, string]} */ ([String(at), said.only(name)]))]));
    classes = names;
    chosen.hidden = !names.length || !cells;
    if (chosen.hidden) chosen.value = "";
    element.hidden = weights.hidden && chosen.hidden;
    hint.textContent = [weights.hidden ? "" : said.weightsHint, chosen.hidden ? "" : said.classHint].join(" ").trim();
  }

  /** Darken what is not of the chosen class. @param {HTMLImageElement} image */
  function cover(image) {
    shade.hidden = chosen.value === "" || !image.naturalWidth;
    if (shade.hidden) return;
    pane.width = cells;
    pane.height = Math.ceil(PICTURES / cells);
    pane.style.aspectRatio = `${image.naturalWidth} / ${image.naturalHeight}`;
    const pen = /** @type {CanvasRenderingContext2D} */ (pane.getContext("2d"));
    pen.fillStyle = getComputedStyle(shade).getPropertyValue("--ground");
    for (let at = 0; at < pane.width * pane.height; at++) if (at % classes.length !== Number(chosen.value)) pen.fillRect(at % cells, Math.floor(at / cells), 1, 1);
  }

  /** The class of a sample of the sheet; empty where there are no classes. @param {number} at */
  const classAt = (at) => (classes.length ? said.only(classes[at % classes.length]) : "");
  return { element, shade, set, cover, classAt, get isRaw() { return weights.value === "raw"; } };
}

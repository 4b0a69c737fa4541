// @ts-check
// The sheets of samples: the one at the cursor is shown; those near it are loaded before they are needed. A pinned one can
// be compared with it by a wipe, and one picture of it can be followed through the training.

import { placeOf } from "./clock.js";
import { el, whole } from "./dom.js";
import { Film } from "./film.js";
import { sheetOptions } from "./sheet_options.js";
import { texts } from "./texts.js";

const AHEAD = 12; // sheets on each side of the cursor that are loaded
const KEPT = 80; // sheets in memory

/** @typedef {{samples: number, file: string, raw?: string}} Sheet */

export class Sheets {
  /**
   * @param {import("./clock.js").Clock} clock
   * @param {(file: string) => string} address  of a sheet
   * @param {string} [title]
   */
  constructor(clock, address, title = texts.grid) {
    this.clock = clock;
    this.address = address;
    this.cells = 0; // pictures in a row
    /** @type {Sheet[]} */
    this.all = [];
    /** @type {number[]} */
    this.moments = [];
    /** @type {Map<string, HTMLImageElement>} */
    this.loaded = new Map();
    /** @type {Sheet | null} */
    this.pinned = null;
    /** @type {any[]} */
    this.given = []; // of the last call of set
    this.options = sheetOptions(() => this.set(.../** @type {[Sheet[]]} */ (this.given)));
    this.over = el("div.over", { hidden: true });
    this.frame = el("div.sheet", { onclick: (/** @type {MouseEvent} */ event) => this.choose(event) });
    this.caption = el("figcaption");
    this.film = new Film(clock, (sheet) => this.image(sheet));
    this.pin = el("button", { type: "button", onclick: () => { this.pinned = this.pinned ? null : this.at(); this.show(); } }, texts.pin);
    this.saves = el("span.saves", { hidden: true }, texts.saveFilm, ...["webp", "gif", "mp4"].map((kind) => el("a", { "data-kind": kind, download: true }, kind.toUpperCase())));
    this.lacking = el("span", { hidden: true }, texts.needsVideo, el("code", {}, 'pip install "ganvas[video]"'));
    this.saves.append(this.lacking);
    this.wipe = /** @type {HTMLInputElement} */ (el("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": texts.wipe, hidden: true, oninput: () => this.clip() }));
    this.element = el("section.card.samples", {}, el("h2", {}, title), el("p.hint", {}, texts.gridHint), this.options.element,
      el("figure", {}, el("div.stack", {}, this.frame, this.over, this.options.shade), this.wipe, this.caption), el("div.buttons", {}, this.pin, this.saves), this.film.element);
    clock.listen(() => this.show());
  }

  /** @param {Sheet[]} all  @param {number} [cells]  @param {string} [film]  the address of an animated picture, without its ending  @param {string[]} [classes]  of the samples, in turn
   * @param {boolean} [video]  whether films can be MP4 */
  set(all, cells = this.cells, film = "", classes = [], video = true) {
    this.given = [all, cells, film, classes, video];
    this.options.set(all, classes, cells);
    const { isRaw } = this.options;
    if (isRaw) all = all.filter((each) => each.raw).map((each) => ({ samples: each.samples, file: String(each.raw) }));
    this.all = all;
    this.saves.hidden = !film || all.length < 2;
    this.lacking.hidden = video;
    for (const link of this.saves.querySelectorAll("a")) link.hidden = link.dataset.kind === "mp4" && !video;
    for (const link of this.saves.querySelectorAll("a")) link.href = `${film}.${link.dataset.kind}?from=${this.pinned?.samples ?? 0}&to=${this.clock.last}&rate=5${isRaw ? "&weights=raw" : ""}`;
    this.cells = cells;
    this.moments = all.map((each) => each.samples);
    this.show();
  }

  /** The sheet at the cursor. */
  at() {
    return this.all[Math.max(0, placeOf(this.moments, this.clock.at))] ?? null;
  }

  /** @param {Sheet} sheet */
  image(sheet) {
    let image = this.loaded.get(sheet.file);
    if (!image) {
      image = new Image();
      image.src = this.address(sheet.file);
      image.alt = texts.sheetAlt(whole(sheet.samples));
      image.draggable = false;
      image.addEventListener("load", () => this.show());
    } else this.loaded.delete(sheet.file); // the newest is last
    this.loaded.set(sheet.file, image);
    for (const file of this.loaded.keys()) {
      if (this.loaded.size <= KEPT) break;
      this.loaded.delete(file);
    }
    return image;
  }

  show() {
    const place = Math.max(0, placeOf(this.moments, this.clock.at)), sheet = this.all[place];
    this.pin.hidden = !sheet;
    if (!sheet) return this.frame.replaceChildren(el("p.soft", {}, texts.noSheet));
    for (let by = AHEAD; by > 0; by--) for (const near of [place - by, place + by]) if (this.all[near]) this.image(this.all[near]);
    const image = this.image(sheet);
    if (image.complete && this.frame.firstChild !== image) this.frame.replaceChildren(image);
    image.classList.toggle("pixelated", image.naturalWidth * 2 <= this.frame.clientWidth * (devicePixelRatio || 1));
    this.frame.classList.toggle("cells", this.cells > 0);
    this.options.cover(image);
    this.compare();
    this.caption.textContent = this.pinned ? texts.between(this.named(this.pinned), this.named(sheet)) : this.named(sheet);
  }

  /** Its moment, and its weights where they are not averaged. @param {Sheet} sheet */
  named(sheet) {
    const words = `${whole(sheet.samples)} ${texts.samples}`;
    return sheet.file.includes("-raw") ? texts.sheetOptions.ofRaw(words) : words;
  }

  /** The pinned sheet over the one at the cursor, up to the wipe. */
  compare() {
    const { pinned } = this;
    this.over.hidden = this.wipe.hidden = !pinned;
    this.pin.textContent = pinned ? texts.unpin : texts.pin;
    if (!pinned) return;
    const shown = /** @type {HTMLImageElement | null} */ (this.over.firstChild);
    if (shown?.dataset.file !== pinned.file) {
      const copy = /** @type {HTMLImageElement} */ (this.image(pinned).cloneNode());
      copy.dataset.file = pinned.file;
      this.over.replaceChildren(copy);
    }
    this.clip();
  }

  clip() {
    this.over.style.clipPath = `inset(0 ${100 - Number(this.wipe.value)}% 0 0)`;
  }

  /** Follow the picture that was clicked. @param {MouseEvent} event */
  choose(event) {
    const image = /** @type {HTMLElement | null} */ (this.frame.firstElementChild);
    if (!this.cells || image?.tagName !== "IMG") return;
    const box = image.getBoundingClientRect(), cell = box.width / this.cells;
    const across = Math.floor((event.clientX - box.left) / cell), down = Math.floor((event.clientY - box.top) / cell);
    this.film.show(this.all, this.cells, across, down, this.options.classAt(down * this.cells + across));
  }
}

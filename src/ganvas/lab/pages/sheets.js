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
const BLINK_MS = 700; // slower than three flashes a second, which may do harm

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
    /** @type {Sheets | null} */
    this.other = null; // of another run, which is laid over these in place of the pinned one
    this.names = ["", ""]; // of the two runs then
    this.timer = 0; // while the two are shown in turn
    this.isOver = false;
    /** @type {any[]} */
    this.given = []; // of the last call of set
    this.options = sheetOptions(() => this.set(.../** @type {[Sheet[]]} */ (this.given)));
    this.over = el("div.over", { hidden: true });
    this.frame = el("div.sheet", { onclick: (/** @type {MouseEvent} */ event) => this.choose(event) });
    this.caption = el("figcaption");
    this.film = new Film(clock, (sheet) => this.image(sheet));
    this.pin = el("button", { type: "button", onclick: () => { this.pinned = this.pinned ? null : this.at(); this.show(); } }, texts.pin);
    this.blink = el("button.blink", { type: "button", hidden: true, "aria-pressed": "false", onclick: () => this.toggleBlink() }, texts.blink);
    this.lay = el("button.lay", { type: "button", hidden: true });
    this.saves = el("span.saves", { hidden: true }, texts.saveFilm, ...["webp", "gif", "mp4"].map((kind) => el("a", { "data-kind": kind, download: true }, kind.toUpperCase())));
    this.lacking = el("span", { hidden: true }, texts.needsVideo, el("code", {}, 'pip install "ganvas[video]"'));
    this.saves.append(this.lacking);
    this.wipe = /** @type {HTMLInputElement} */ (el("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": texts.wipe, hidden: true, oninput: () => this.clip() }));
    this.hint = el("p.hint", {}, texts.gridHint);
    this.element = el("section.card.samples", {}, el("h2", {}, title), this.hint, this.options.element,
      el("figure", {}, el("div.stack", {}, this.frame, this.over, this.options.shade), this.wipe, this.caption), el("div.buttons", {}, this.pin, this.lay, this.blink, this.saves), this.film.element);
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
    this.hint.textContent = cells ? texts.gridHint : texts.drawingHint;
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
    this.say();
  }

  /** Its moment, and its weights where they are not averaged. @param {Sheet} sheet */
  named(sheet) {
    const words = `${whole(sheet.samples)} ${texts.samples}`;
    return sheet.file.includes("-raw") ? texts.sheetOptions.ofRaw(words) : words;
  }

  /** The sheet that lies over the one at the cursor: of another run at the same moment, or the pinned one. */
  get upper() {
    return this.other ? this.other.at() : this.pinned;
  }

  /** Let the sheets of another run be laid over these. @param {Sheets} other  @param {string} name  of this run  @param {string} its */
  offer(other, name, its) {
    this.lay.hidden = false;
    this.lay.textContent = texts.lay(its, name);
    this.lay.addEventListener("click", () => {
      this.other = this.other ? null : other;
      this.names = this.other ? [`${its} `, `${name} `] : ["", ""];
      this.lay.textContent = this.other ? texts.layOff(its) : texts.lay(its, name);
      this.show();
    });
  }

  /** The upper sheet over the one at the cursor, up to the wipe. */
  compare() {
    const { upper } = this;
    this.over.hidden = this.blink.hidden = !upper;
    this.pin.textContent = this.pinned ? texts.unpin : texts.pin;
    if (!upper && this.timer) this.toggleBlink();
    this.wipe.hidden = !upper || this.timer > 0;
    if (!upper) return;
    const shown = /** @type {HTMLImageElement | null} */ (this.over.firstChild), image = (this.other ?? this).image(upper);
    if (shown?.src !== image.src) this.over.replaceChildren(image.cloneNode());
    this.over.firstElementChild?.classList.toggle("pixelated", image.classList.contains("pixelated"));
    this.clip();
  }

  /** Show the two in turn, or beside each other again. */
  toggleBlink() {
    clearInterval(this.timer);
    this.timer = this.timer ? 0 : setInterval(() => {
      if (!this.element.isConnected) return clearInterval(this.timer);
      this.isOver = !this.isOver;
      this.clip();
      this.say();
    }, BLINK_MS);
    this.blink.setAttribute("aria-pressed", String(this.timer > 0));
    this.show();
  }

  clip() {
    const share = this.timer ? (this.isOver ? 100 : 0) : Number(this.wipe.value);
    this.over.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
  }

  /** Which sheets are shown. */
  say() {
    const { upper } = this, sheet = this.at(), [above, below] = [upper, sheet].map((each, place) => (each ? `${this.names[place]}${this.named(each)}` : ""));
    this.caption.textContent = !upper ? below : this.timer ? (this.isOver ? above : below) : texts.between(above, below);
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

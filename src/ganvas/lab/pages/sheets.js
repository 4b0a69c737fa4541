// @ts-check
// The sheets of samples: the one at the cursor is shown; those near it are loaded before they are needed.

import { placeOf } from "./clock.js";
import { el, whole } from "./dom.js";
import { texts } from "./texts.js";

const AHEAD = 12; // sheets on each side of the cursor that are loaded
const KEPT = 80; // sheets in memory

export class Sheets {
  /**
   * @param {import("./clock.js").Clock} clock
   * @param {string} run
   */
  constructor(clock, run) {
    this.clock = clock;
    this.run = run;
    /** @type {{samples: number, file: string}[]} */
    this.all = [];
    /** @type {number[]} */
    this.moments = [];
    /** @type {Map<string, HTMLImageElement>} */
    this.loaded = new Map();
    this.frame = el("div.sheet");
    this.caption = el("figcaption");
    this.element = el("section.card.samples", {}, el("h2", {}, texts.grid), el("p.hint", {}, texts.gridHint), el("figure", {}, this.frame, this.caption));
    clock.listen(() => this.show());
  }

  /** @param {{samples: number, file: string}[]} all */
  set(all) {
    this.all = all;
    this.moments = all.map((each) => each.samples);
    this.show();
  }

  /** @param {{samples: number, file: string}} sheet */
  image(sheet) {
    let image = this.loaded.get(sheet.file);
    if (!image) {
      image = new Image();
      image.src = `runs/${this.run}/samples/${sheet.file}`;
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
    const place = Math.max(0, placeOf(this.moments, this.clock.at));
    const sheet = this.all[place];
    if (!sheet) return this.frame.replaceChildren(el("p.soft", {}, texts.noSheet));
    for (let by = AHEAD; by > 0; by--) for (const near of [place - by, place + by]) if (this.all[near]) this.image(this.all[near]);
    const image = this.image(sheet);
    if (image.complete && this.frame.firstChild !== image) this.frame.replaceChildren(image);
    image.classList.toggle("pixelated", image.naturalWidth * 2 <= this.frame.clientWidth * (devicePixelRatio || 1));
    this.caption.textContent = `${whole(sheet.samples)} ${texts.samples}`;
  }
}

// @ts-check
// One picture of the sheets through the training: a strip of the same cell at evenly spaced moments.

import { el, whole } from "./dom.js";
import { texts } from "./texts.js";

const FRAMES = 16;

export class Film {
  /** @param {import("./clock.js").Clock} clock  @param {(sheet: {samples: number, file: string}) => HTMLImageElement} load */
  constructor(clock, load) {
    this.clock = clock;
    this.load = load;
    this.title = el("h3");
    this.strip = el("div.film");
    this.element = el("div", { hidden: true }, this.title, this.strip);
  }

  /** @param {{samples: number, file: string}[]} sheets  @param {number} columns  of a sheet  @param {number} across  @param {number} down  @param {string} [name]  the class of the picture */
  show(sheets, columns, across, down, name = "") {
    this.title.textContent = name ? `${texts.film} · ${name}` : texts.film;
    this.element.hidden = false;
    const count = Math.min(FRAMES, sheets.length);
    const chosen = Array.from({ length: count }, (_, at) => sheets[Math.round((at * (sheets.length - 1)) / Math.max(1, count - 1))]);
    this.strip.replaceChildren(...chosen.map((sheet) => {
      const canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { "aria-hidden": "true" })), image = this.load(sheet);
      const draw = () => {
        const side = image.naturalWidth / columns;
        canvas.width = canvas.height = side;
        const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
        pen.imageSmoothingEnabled = false;
        pen.drawImage(image, across * side, down * side, side, side, 0, 0, side, side);
      };
      image.complete && image.naturalWidth ? draw() : image.addEventListener("load", draw);
      return el("button", { type: "button", "aria-label": texts.filmAt(whole(sheet.samples)), title: whole(sheet.samples), onclick: () => this.clock.set(sheet.samples) }, canvas);
    }));
  }
}

// @ts-check
// Curves over samples on a canvas. They are drawn when data, size or theme change; the cursor is an element above them.

import { placeOf } from "./clock.js";
import { el, short, whole } from "./dom.js";
import { texts } from "./texts.js";

const HEIGHT = 190, LEFT = 52, BOTTOM = 22, TOP = 8, RIGHT = 10; // CSS pixels
const COLOURS = 8; // --curve-0 to --curve-7
const SHOWN = 6; // curves that are drawn at first

/** @typedef {{name: string, samples: number[], values: (number | null)[], errors?: (number | null)[], real?: number | null, best?: number, colour?: number, dashed?: boolean}} Series */

/** @param {number} span  @param {number} count  @returns {number} 1, 2 or 5 times a power of ten */
function step(span, count) {
  const rough = span / count, power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
}

export class Chart {
  /**
   * @param {import("./clock.js").Clock} clock
   * @param {string} title
   * @param {string} hint
   */
  constructor(clock, title, hint) {
    this.clock = clock;
    this.title = title;
    /** @type {Series[]} */
    this.series = [];
    this.isKnown = false; // whether its series have been read
    /** @type {Map<string, boolean>} */
    this.visible = new Map();
    this.canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { role: "img", "aria-label": title }));
    this.cursor = el("div.cursor");
    this.plot = el("div.plot", {}, this.canvas, this.cursor);
    this.legend = el("div.legend");
    this.empty = el("p.soft", {}, texts.nothing);
    this.element = el("section.card", {}, el("h2", {}, title), el("p.hint", {}, hint), this.empty, this.plot, this.legend);
    const seek = (/** @type {PointerEvent} */ event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const inside = (event.clientX - this.plot.getBoundingClientRect().left - LEFT) / this.width;
      this.clock.set(inside * this.clock.end);
    };
    this.plot.addEventListener("pointerdown", seek);
    this.plot.addEventListener("pointermove", seek);
    new ResizeObserver(() => this.draw()).observe(this.plot);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    clock.listen(() => this.move());
  }

  get width() {
    return Math.max(1, this.plot.clientWidth - LEFT - RIGHT);
  }

  /** @param {Series[]} series */
  set(series) {
    const isNew = series.length !== this.series.length || series.some((each, at) => each.name !== this.series[at].name);
    this.series = series;
    this.isKnown = true;
    for (const [at, each] of series.entries()) if (!this.visible.has(each.name)) this.visible.set(each.name, at < SHOWN);
    if (isNew) this.label();
    this.draw();
  }

  label() {
    this.values = this.series.map(() => el("b"));
    this.legend.replaceChildren(...this.series.map((each, at) => {
      const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", onchange: () => {
        this.visible.set(each.name, box.checked);
        this.draw();
      } }));
      box.checked = this.visible.get(each.name) ?? true;
      box.hidden = this.series.length < 2;
      const real = each.real === undefined || each.real === null ? null : el("span.soft", {}, `${texts.real} ${short(each.real)}`);
      return el("label", {}, box, el(`i.curve-${(each.colour ?? at) % COLOURS}${each.dashed ? ".dashed" : ""}`), each.name, /** @type {HTMLElement[]} */ (this.values)[at], real);
    }));
  }

  draw() {
    const shown = this.series.filter((each) => this.visible.get(each.name));
    const isEmpty = this.isKnown && !this.series.length;
    this.empty.hidden = !isEmpty;
    this.plot.hidden = isEmpty;
    const dots = devicePixelRatio || 1, wide = this.plot.clientWidth;
    if (!wide || !this.series.length) return;
    this.canvas.width = wide * dots;
    this.canvas.height = HEIGHT * dots;
    const pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    pen.scale(dots, dots);
    const [low, high] = bounds(shown);
    const down = HEIGHT - TOP - BOTTOM;
    const x = (/** @type {number} */ samples) => LEFT + (samples / this.clock.end) * this.width;
    const y = (/** @type {number} */ value) => TOP + down - ((Math.max(low, Math.min(high, value)) - low) / (high - low)) * down;
    this.axes(pen, x, y, low, high);
    for (const each of shown) this.line(pen, each, x, y);
    this.drawnEnd = this.clock.end;
    this.move();
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {(samples: number) => number} x
   * @param {(value: number) => number} y
   * @param {number} low
   * @param {number} high
   */
  axes(pen, x, y, low, high) {
    const style = getComputedStyle(this.plot);
    pen.font = "11px system-ui, sans-serif";
    pen.strokeStyle = style.getPropertyValue("--line");
    pen.fillStyle = style.getPropertyValue("--soft");
    pen.lineWidth = 1;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    const up = step(high - low, 4), across = Math.max(1, step(this.clock.end, Math.max(2, this.width / 110))); // samples are whole
    for (let value = Math.ceil(low / up) * up; value <= high; value += up) {
      pen.globalAlpha = 0.35;
      pen.beginPath();
      pen.moveTo(LEFT, y(value));
      pen.lineTo(LEFT + this.width, y(value));
      pen.stroke();
      pen.globalAlpha = 1;
      pen.fillText(short(Math.abs(value) < up / 1e6 ? 0 : value), LEFT - 6, y(value));
    }
    pen.textBaseline = "top";
    for (let samples = 0; samples <= this.clock.end; samples += across) {
      pen.textAlign = samples === 0 ? "left" : x(samples) > LEFT + this.width - 24 ? "right" : "center";
      pen.fillText(whole(Math.round(samples)), x(samples), HEIGHT - BOTTOM + 6);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Series} each
   * @param {(samples: number) => number} x
   * @param {(value: number) => number} y
   */
  line(pen, each, x, y) {
    const colour = getComputedStyle(this.plot).getPropertyValue(`--curve-${(each.colour ?? this.series.indexOf(each)) % COLOURS}`);
    pen.strokeStyle = pen.fillStyle = colour;
    const known = each.samples.map((_, at) => at).filter((at) => each.values[at] !== null);
    const value = (/** @type {number} */ at) => /** @type {number} */ (each.values[at]);
    const error = (/** @type {number} */ at) => 2 * (each.errors?.[at] ?? 0);
    if (each.errors) {
      pen.globalAlpha = 0.18;
      pen.beginPath();
      for (const at of known) pen.lineTo(x(each.samples[at]), y(value(at) + error(at)));
      for (const at of [...known].reverse()) pen.lineTo(x(each.samples[at]), y(value(at) - error(at)));
      pen.fill();
      pen.globalAlpha = 1;
    }
    pen.lineWidth = 1.6;
    pen.lineJoin = "round";
    pen.beginPath();
    for (const at of known) pen.lineTo(x(each.samples[at]), y(value(at)));
    pen.setLineDash(each.dashed ? [4, 3] : []);
    pen.stroke();
    pen.setLineDash([]);
    if (known.length <= 40) for (const at of known) dot(pen, x(each.samples[at]), y(value(at)), 2.5);
    if (each.best !== undefined && each.best >= 0) {
      dot(pen, x(each.samples[each.best]), y(value(each.best)), 5);
      pen.textAlign = "center";
      pen.textBaseline = "bottom";
      pen.fillText(texts.best, Math.min(x(each.samples[each.best]), LEFT + this.width - 14), y(value(each.best)) - 7);
    }
    if (each.real !== undefined && each.real !== null) {
      pen.setLineDash([5, 4]);
      pen.beginPath();
      pen.moveTo(LEFT, y(each.real));
      pen.lineTo(LEFT + this.width, y(each.real));
      pen.stroke();
      pen.setLineDash([]);
    }
  }

  move() {
    if (this.drawnEnd !== undefined && this.drawnEnd !== this.clock.end) return this.draw();
    this.cursor.style.transform = `translateX(${LEFT + (this.clock.at / this.clock.end) * this.width}px)`;
    const said = [];
    for (const [at, each] of this.series.entries()) {
      const place = placeOf(each.samples, this.clock.at);
      const value = short(place < 0 ? null : each.values[place]);
      if (this.values) this.values[at].textContent = value;
      said.push(`${each.name} ${value}`);
    }
    this.canvas.setAttribute("aria-label", `${this.title}: ${said.join(", ")}`);
  }
}

/** @param {CanvasRenderingContext2D} pen  @param {number} x  @param {number} y  @param {number} radius */
function dot(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

/** The range of almost all values: of 200 the outermost one at each end may be cut off.
 * @param {Series[]} shown
 * @returns {[number, number]}
 */
function bounds(shown) {
  const values = /** @type {number[]} */ (shown.flatMap((each) => [...each.values, each.real ?? null]).filter((value) => value !== null)).sort((a, b) => a - b);
  if (!values.length) return [0, 1];
  const cut = Math.floor(values.length / 200);
  const low = values[cut], high = values[values.length - 1 - cut];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 && low < 0.3 * high ? 0 : low - room, high + room];
}

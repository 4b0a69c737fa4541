// @ts-check
// The plane of one game: layers that can be switched on and off, and a hint under the pointer.

import { el, short } from "./dom.js";
import { colours, drawArrows, drawGrid, drawMap, drawPoints, fieldPoints, freshPen, noiseGrid } from "./plane_draw.js";
import { texts } from "./texts.js";

const ARROW = 20, MORPH_MS = 2000, MOVE_MS = 1200; // CSS pixels; from the noise to G's grid; of a step in slow motion
const LAYERS = /** @type {const} */ (["map", "grid", "real", "fake", "arrows", "field"]);

/** Which layers are drawn, of all planes of a page. */
export class Layers {
  constructor() {
    /** @type {Record<string, boolean>} */
    this.on = { map: true, grid: false, real: true, fake: true, arrows: false, field: false };
    /** @type {(() => void)[]} */
    this.listeners = [];
    this.boxes = LAYERS.map((name) => {
      const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", id: `layer-${name}`, onchange: () => this.set(name, box.checked) }));
      box.checked = this.on[name];
      return box;
    });
    this.element = el("fieldset.layers", {}, el("legend", {}, texts.sandbox.layers),
      ...LAYERS.map((name, at) => el("label", { title: texts.sandbox.layerHints[name] }, this.boxes[at], el(`i.layer-${name}`), texts.sandbox.layerNames[name])));
  }

  /** @param {string} name  @param {boolean} on */
  set(name, on) {
    this.on[name] = on;
    this.boxes[LAYERS.indexOf(/** @type {any} */ (name))].checked = on;
    for (const listener of this.listeners) listener();
  }
}

export class Plane {
  /** @param {Layers} layers  @param {string} name */
  constructor(layers, name) {
    this.layers = layers;
    this.name = name;
    /** @type {any} */ this.setup = null;
    /** @type {any} */ this.frame = null;
    /** @type {any} */ this.stage = null;
    this.morph = 1;
    this.moved = 1; // share of the way that the samples of a step have gone
    this.canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { role: "img", "aria-label": texts.sandbox.plane }));
    this.hint = el("div.hover", { hidden: true });
    this.caption = el("div.hover", { hidden: true }, texts.sandbox.morphHint);
    this.title = el("h2", {}, name);
    this.key = el("div.key", { hidden: true }, ...["generated", "unsure", "real"].map((each) => el("span", {}, texts.sandbox.key[each])), el("i"));
    this.grey = el("p.hint.grey", { hidden: true }, el("i"), texts.sandbox.key.empty);
    this.element = el("div.plane", {}, this.canvas, this.hint, this.caption);
    this.figure = el("figure", {}, this.title, this.key, this.element, this.grey);
    layers.listeners.push(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.element.addEventListener("pointermove", (event) => this.point(event));
    this.element.addEventListener("pointerleave", () => { this.hint.hidden = true; });
  }

  /** @param {any} setup  @param {any} frame  @param {any} [stage]  of slow motion, drawn in place of the frame's points */
  set(setup, frame, stage = null) {
    const isStep = stage?.moved && stage !== this.stage;
    this.setup = setup;
    this.frame = frame;
    this.stage = stage;
    if (isStep) this.animate(MOVE_MS, (share) => { this.moved = share; });
    else this.draw();
  }

  /** Draw while a share goes from 0 to 1. @param {number} milliseconds  @param {(share: number) => void} onShare */
  animate(milliseconds, onShare) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      onShare(1);
      this.draw();
      return;
    }
    const begun = performance.now();
    const step = (/** @type {number} */ now) => {
      const share = Math.min(1, Math.max(0, (now - begun) / milliseconds));
      onShare(share);
      this.draw();
      if (share < 1) requestAnimationFrame(step);
    };
    step(begun);
  }

  /** The samples that are drawn: those of a step on their way. */
  get fake() {
    const { stage } = this, before = stage?.fake ?? this.frame.fake;
    return stage?.moved ? before.map((/** @type {number} */ value, /** @type {number} */ at) => value + (stage.moved[at] - value) * this.moved) : before;
  }

  get box() {
    return { left: 0, top: 0, side: Math.max(1, this.element.clientWidth) };
  }

  draw() {
    if (!this.setup || !this.frame) return;
    const { box, setup, frame, stage } = this, window = setup.window, on = this.layers.on, theme = colours(this.element);
    const pen = freshPen(this.canvas, box.side, box.side);
    pen.fillStyle = theme.ground;
    pen.fillRect(0, 0, box.side, box.side);
    const { fake } = this, isMorphing = this.morph < 1, isLearning = !stage || stage.arrows;
    const arrows = stage ? stage.arrows : frame.arrows;
    this.key.hidden = !on.map || isMorphing;
    this.caption.hidden = !isMorphing;
    this.grey.hidden = this.key.hidden || !frame.empty;
    if (on.map && !isMorphing) drawMap(pen, frame.map, box, theme, frame.empty);
    if ((on.grid || isMorphing) && frame.grid) drawGrid(pen, this.morphed(frame.grid), setup.latent[0], window, box, theme.fake);
    if (on.field && !isMorphing) drawArrows(pen, fieldPoints(window, Math.round(Math.sqrt(frame.field.length / 2))), frame.field, ARROW, window, box, theme.soft);
    if (on.real) drawPoints(pen, stage?.real ?? setup.real, window, box, theme.real, 2.2, theme.ground);
    if (stage?.noise) return this.drawNoise(pen, stage.noise, theme);
    if (on.fake && !isMorphing) drawPoints(pen, fake, window, box, theme.fake, 2.8, theme.ground);
    if ((on.arrows || stage) && isLearning && !isMorphing) drawArrows(pen, stage?.fake ?? fake, arrows, ARROW, window, box, theme.ink);
    this.canvas.setAttribute("aria-label", `${texts.sandbox.plane}: ${this.outside(fake)}`);
  }

  /** @param {CanvasRenderingContext2D} pen  @param {number[]} noise  z of a batch  @param {ReturnType<typeof colours>} theme */
  drawNoise(pen, noise, theme) {
    const numbers = this.setup.latent[0], half = 3.2, points = [];
    for (let at = 0; at + numbers <= noise.length; at += numbers) points.push(noise[at], numbers > 1 ? noise[at + 1] : 0);
    pen.fillStyle = theme.ground;
    pen.globalAlpha = 0.8;
    pen.fillRect(0, 0, this.box.side, this.box.side);
    pen.globalAlpha = 1;
    drawPoints(pen, points, { x: 0, y: 0, half }, this.box, theme.soft, 3, theme.ground);
  }

  /** How many samples are not in the window. @param {number[]} points */
  outside(points) {
    const { x, y, half } = this.setup.window;
    let count = 0;
    for (let at = 0; at < points.length; at += 2) if (Math.abs(points[at] - x) > half || Math.abs(points[at + 1] - y) > half) count++;
    return texts.sandbox.outside(count, points.length / 2);
  }

  /** @param {number[]} grid */
  morphed(grid) {
    if (this.morph >= 1) return grid;
    const from = noiseGrid(grid.length / 2, this.setup.latent[0], this.setup.window);
    return grid.map((value, at) => from[at] + (value - from[at]) * this.morph);
  }

  /** The grid of the noise moves to where G puts it. */
  play() {
    if (this.frame?.grid) this.animate(MORPH_MS, (share) => { this.morph = share; });
  }

  /** @param {PointerEvent} event */
  point(event) {
    if (!this.setup || !this.frame) return;
    const bounds = this.canvas.getBoundingClientRect(), { window } = this.setup;
    const across = (event.clientX - bounds.left) / bounds.width, down = (event.clientY - bounds.top) / bounds.height;
    const bytes = atob(this.frame.map), side = Math.round(Math.sqrt(bytes.length));
    const cell = Math.min(side - 1, Math.floor(down * side)) * side + Math.min(side - 1, Math.floor(across * side));
    const [x, y] = [window.x + window.half * (2 * across - 1), window.y + window.half * (1 - 2 * down)];
    this.hint.textContent = texts.sandbox.at(short(Number(x.toFixed(2))), short(Number(y.toFixed(2))), (bytes.charCodeAt(cell) / 255).toFixed(2), this.setup.map_kind);
    this.hint.hidden = false;
  }
}


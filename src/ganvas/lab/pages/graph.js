// @ts-check
// The model from noise to losses: a picture in each node, bars for the losses, and the ways back of the gradients.

import { el, short } from "./dom.js";
import { colours, drawGrid, drawMap, drawPoints, freshPen } from "./plane_draw.js";
import { texts } from "./texts.js";

const WIDE = 460, HIGH = 250, SIDE = 74, LETTERS = 11; // LETTERS: CSS pixels on the page, however narrow it is
const TERMS = ["discriminator.adversarial", "generator.adversarial"]; // whose bars have their places before the first round
/** @type {Record<string, {x: number, y: number}>} */
const NODES = { noise: { x: 1, y: 30 }, G: { x: 110, y: 30 }, fake: { x: 230, y: 30 }, real: { x: 230, y: 166 }, D: { x: 350, y: 98 } };
/** From, to, which players it is lit for, and at which stages of slow motion. */
const WAYS = /** @type {const} */ ([["noise", "G"], ["G", "fake"], ["fake", "D"], ["real", "D"]]);
const LIT = /** @type {Record<string, string[]>} */ ({ noise: ["noise"], samples: ["G", "fake"], verdicts: ["fake", "real", "D"], loss: ["D"], update: [] });

export class Graph {
  /** @param {() => void} onGenerator  when the pointer comes to G */
  constructor(onGenerator) {
    /** @type {any} */ this.setup = null;
    /** @type {any} */ this.frame = null;
    /** @type {any} */ this.stage = null;
    this.playing = false;
    this.dash = 0;
    this.canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { role: "img", "aria-label": `${texts.sandbox.model}: ${texts.sandbox.modelAlt}` }));
    this.bars = el("div.bars");
    this.heading = el("h2", {}, texts.sandbox.model);
    this.scale = 1;
    this.terms = TERMS; // of the last moment that had any
    const morph = el("button.morph", { type: "button", title: texts.sandbox.morphHint, onclick: onGenerator, onpointerenter: onGenerator }, texts.sandbox.morph);
    this.element = el("section.card.graph", {}, this.heading, el("div.drawing", {}, this.canvas), this.bars, morph);
    this.canvas.addEventListener("click", (event) => { // G's box does what the button does
      const scale = this.canvas.clientWidth / WIDE, x = event.offsetX / scale - NODES.G.x, y = event.offsetY / scale - NODES.G.y;
      if (x >= 0 && x <= SIDE && y >= 0 && y <= SIDE) onGenerator();
    });
    new ResizeObserver(() => this.draw()).observe(this.canvas.parentElement ?? this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** @param {string} title */
  rename(title) {
    this.heading.textContent = title;
  }

  /** @param {any} setup  @param {any} frame  @param {boolean} playing  @param {any} [stage] */
  set(setup, frame, playing, stage = null) {
    Object.assign(this, { setup, frame, playing, stage });
    if (playing) this.dash = (this.dash + 1) % 16;
    this.draw();
    this.bar();
  }

  draw() {
    const { setup, frame, stage } = this, wide = this.canvas.parentElement?.clientWidth ?? 0;
    if (!setup || !frame || !wide) return;
    const scale = Math.min(1.15, wide / WIDE), theme = colours(this.canvas);
    const pen = freshPen(this.canvas, WIDE * scale, HIGH * scale);
    this.canvas.style.width = `${WIDE * scale}px`;
    this.canvas.style.height = `${HIGH * scale}px`;
    pen.scale(scale, scale);
    this.scale = scale;
    const lit = stage ? (stage.stage === "update" ? stage.players : LIT[stage.stage]) : Object.keys(NODES);
    for (const [from, to] of WAYS) this.way(pen, NODES[from], NODES[to], theme.soft, lit.includes(from) ? 1 : 0.25);
    this.back(pen, theme, "D", !stage || (stage.players.includes("D") && ["loss", "update"].includes(stage.stage)));
    this.back(pen, theme, "G", !stage || (stage.players.includes("G") && ["loss", "update"].includes(stage.stage)));
    for (const [name, at] of Object.entries(NODES)) {
      pen.globalAlpha = lit.includes(name) ? 1 : 0.3;
      this.node(pen, name, { left: at.x, top: at.y, side: SIDE }, theme);
      pen.globalAlpha = 1;
    }
    this.canvas.setAttribute("aria-label", `${texts.sandbox.model}: ${texts.sandbox.modelAlt}`);
  }

  /** @param {CanvasRenderingContext2D} pen  @param {string} name  @param {import("./plane_draw.js").Box} box  @param {ReturnType<typeof colours>} theme */
  node(pen, name, box, theme) {
    const { setup, frame } = this, numbers = setup.latent[0];
    pen.save();
    pen.beginPath();
    pen.rect(box.left, box.top, box.side, box.side);
    pen.fillStyle = theme.ground;
    pen.fill();
    pen.clip();
    if (name === "noise") {
      const points = numbers > 1 ? setup.noise : setup.noise.flatMap((/** @type {number} */ each) => [each, 0]);
      drawPoints(pen, points, { x: 0, y: 0, half: 3.2 }, box, theme.soft, 1.1);
    } else if (name === "G" && frame.grid) drawGrid(pen, frame.grid, numbers, setup.window, box, theme.fake);
    else if (name === "fake" || name === "G") drawPoints(pen, frame.fake, setup.window, box, theme.fake, 1.3);
    else if (name === "real") drawPoints(pen, setup.real, setup.window, box, theme.real, 1.1);
    else drawMap(pen, frame.map, box, theme);
    pen.restore();
    pen.lineWidth = 1.5;
    pen.strokeStyle = name === "G" || name === "fake" ? theme.fake : name === "real" ? theme.real : theme.line;
    pen.strokeRect(box.left, box.top, box.side, box.side);
    pen.fillStyle = theme.ink;
    pen.font = `600 ${LETTERS / this.scale}px system-ui, sans-serif`;
    pen.textAlign = "left";
    pen.textBaseline = "bottom";
    const words = texts.sandbox.nodes[name], left = Math.min(box.left, WIDE - pen.measureText(words).width);
    pen.fillText(words, left, box.top - 4);
  }

  /** @param {CanvasRenderingContext2D} pen  @param {{x: number, y: number}} from  @param {{x: number, y: number}} to  @param {string} colour  @param {number} strength */
  way(pen, from, to, colour, strength) {
    const [x0, y0, x1, y1] = [from.x + SIDE + 3, from.y + SIDE / 2, to.x - 4, to.y + SIDE / 2];
    pen.globalAlpha = strength;
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = 2;
    pen.setLineDash(this.playing ? [5, 3] : []);
    pen.lineDashOffset = -this.dash;
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
    pen.stroke();
    pen.setLineDash([]);
    head(pen, x1, y1, 0);
    pen.globalAlpha = 1;
  }

  /** The way back of a player's gradient, dashed, from D below (D's) or above (G's).
   * @param {CanvasRenderingContext2D} pen  @param {ReturnType<typeof colours>} theme  @param {"D" | "G"} player  @param {boolean} lit
   */
  back(pen, theme, player, lit) {
    const right = NODES.D.x + SIDE / 2;
    pen.globalAlpha = lit ? 1 : 0.2;
    pen.strokeStyle = pen.fillStyle = theme.mark;
    pen.lineWidth = 1.6;
    pen.setLineDash([3, 4]);
    pen.lineDashOffset = this.dash;
    pen.beginPath();
    pen.font = `${LETTERS / this.scale}px system-ui, sans-serif`;
    pen.textBaseline = "alphabetic";
    if (player === "D") {
      pen.arc(right, NODES.D.y + SIDE + 22, 16, -0.35 * Math.PI, 1.3 * Math.PI);
      pen.stroke();
      pen.setLineDash([]);
      head(pen, right - 9, NODES.D.y + SIDE + 7, -0.4 * Math.PI);
      pen.textAlign = "center";
      pen.fillText(texts.sandbox.gradientOf("D"), right, NODES.D.y + SIDE + 56);
    } else {
      const left = NODES.G.x + SIDE / 2, low = NODES.G.y + SIDE + 26;
      pen.moveTo(NODES.D.x - 4, NODES.D.y + SIDE - 10);
      pen.bezierCurveTo(NODES.D.x - 50, low + 4, left + 80, low + 10, left, NODES.G.y + SIDE + 5);
      pen.stroke();
      pen.setLineDash([]);
      head(pen, left, NODES.G.y + SIDE + 5, -0.6 * Math.PI);
      pen.textAlign = "left";
      pen.fillText(texts.sandbox.gradientOf("G"), NODES.noise.x, NODES.G.y + SIDE + 44);
    }
    pen.globalAlpha = 1;
  }

  /** Losses as bars with numbers. */
  bar() {
    const known = Object.keys(this.frame.terms).filter((name) => !name.endsWith("gradient"));
    if (known.length) this.terms = known; // after a change nothing is known until the next round: the bars keep their places
    const terms = this.terms.map((name) => [name, this.frame.terms[name] ?? null]);
    this.bars.replaceChildren(...terms.map(([name, value]) => {
      const shown = typeof value === "number" ? value : null;
      const meter = el("progress", { max: 3, value: Math.min(3, Math.abs(shown ?? 0)), "aria-hidden": "true" });
      return el("div.bar", {}, el("span", {}, texts.sandbox.term(name)), meter, el("b", {}, short(shown)));
    }));
  }
}

/** The head of an arrow. @param {CanvasRenderingContext2D} pen  @param {number} x  @param {number} y  @param {number} turn  radians */
function head(pen, x, y, turn) {
  pen.save();
  pen.translate(x, y);
  pen.rotate(turn);
  pen.beginPath();
  pen.moveTo(3, 0);
  pen.lineTo(-5, -4);
  pen.lineTo(-5, 4);
  pen.fill();
  pen.restore();
}


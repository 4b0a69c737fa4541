// @ts-check
// Overlaid histograms of D's logits: training data, held-out data and generated samples.

import { el, short } from "./dom.js";
import { freshPen } from "./plane_draw.js";
import { texts } from "./texts.js";

const HIGH = 150, BOTTOM = 20, SIDE = 10; // CSS pixels
const KINDS = /** @type {const} */ (["real", "held_out", "fake"]);
const COLOUR = { real: "--real", held_out: "--mark", fake: "--fake" };

/** @typedef {{low: number, high: number, shares: Record<string, number[]>}} Shares */

export class Histogram {
  /** @param {string} title  @param {string} hint */
  constructor(title, hint) {
    this.title = title;
    /** @type {Shares | null} */
    this.shown = null;
    this.canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { role: "img", "aria-label": title }));
    this.empty = el("p.soft", {}, texts.nothing);
    this.legend = el("div.legend", {}, ...KINDS.map((kind) => el("span.kind", { "data-kind": kind }, el(`i.${kind}`), texts.kinds[kind])));
    this.plot = el("div.histogram", {}, this.canvas);
    this.heading = el("h2", {}, title);
    this.element = el("section.card", {}, this.heading, el("p.hint", {}, hint), this.empty, this.plot, this.legend);
    new ResizeObserver(() => this.draw()).observe(this.plot);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** @param {string} title */
  rename(title) {
    this.heading.textContent = title;
  }

  /** @param {Shares | null | undefined} shares */
  show(shares) {
    if (shares === this.shown) return;
    this.shown = shares ?? null;
    this.draw();
  }

  draw() {
    const { shown } = this, wide = this.plot.clientWidth;
    this.empty.hidden = Boolean(shown);
    this.plot.hidden = this.legend.hidden = !shown;
    if (!shown || !wide) return;
    const pen = freshPen(this.canvas, wide, HIGH), style = getComputedStyle(this.plot);
    const kinds = KINDS.filter((kind) => shown.shares[kind]?.length);
    const most = Math.max(0.01, ...kinds.flatMap((kind) => shown.shares[kind]));
    for (const each of /** @type {NodeListOf<HTMLElement>} */ (this.legend.querySelectorAll(".kind"))) each.hidden = !kinds.some((kind) => kind === each.dataset.kind);
    for (const kind of kinds) {
      const bins = shown.shares[kind], step = (wide - 2 * SIDE) / bins.length;
      pen.fillStyle = pen.strokeStyle = style.getPropertyValue(COLOUR[kind]);
      pen.beginPath();
      pen.moveTo(SIDE, HIGH - BOTTOM);
      bins.forEach((share, at) => {
        const up = HIGH - BOTTOM - (share / most) * (HIGH - BOTTOM - 6);
        pen.lineTo(SIDE + at * step, up);
        pen.lineTo(SIDE + (at + 1) * step, up);
      });
      pen.lineTo(wide - SIDE, HIGH - BOTTOM);
      pen.globalAlpha = kind === "held_out" ? 0 : 0.25;
      pen.fill();
      pen.globalAlpha = 1;
      pen.lineWidth = 1.5;
      pen.setLineDash(kind === "held_out" ? [4, 3] : []);
      pen.stroke();
      pen.setLineDash([]);
    }
    pen.fillStyle = style.getPropertyValue("--soft");
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "top";
    for (const [align, x, value] of /** @type {[CanvasTextAlign, number, number][]} */ ([["left", SIDE, shown.low], ["right", wide - SIDE, shown.high]])) {
      pen.textAlign = align;
      pen.fillText(short(value), x, HIGH - BOTTOM + 5);
    }
    pen.textAlign = "center";
    pen.fillText(texts.logit, wide / 2, HIGH - BOTTOM + 5);
    const means = kinds.map((kind) => `${texts.kinds[kind]} ${short(mean(shown, kind))}`);
    this.canvas.setAttribute("aria-label", `${this.title}: ${means.join(", ")}`);
  }
}

/** The mean logit by the middles of the bins. @param {Shares} shown  @param {string} kind */
function mean(shown, kind) {
  const bins = shown.shares[kind], step = (shown.high - shown.low) / bins.length;
  return bins.reduce((sum, share, at) => sum + share * (shown.low + (at + 0.5) * step), 0);
}

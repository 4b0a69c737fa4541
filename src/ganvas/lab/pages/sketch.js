// @ts-check
// Data of one's own: a pad to draw on with mouse, pen or finger, and points from a CSV file.

import { el } from "./dom.js";
import { colours, drawPoints, freshPen } from "./plane_draw.js";
import { texts } from "./texts.js";

const SIDE = 320, APART = 0.02, MOST = 2000; // CSS pixels; between two points of a stroke; points in all
const WINDOW = { x: 0, y: 0, half: 1 };

/** A window in which points are drawn. @param {(points: number[][]) => void} onUse */
export function sketchPad(onUse) {
  /** @type {number[]} */
  const points = [];
  const canvas = /** @type {HTMLCanvasElement} */ (el("canvas.pad", { "aria-label": texts.sandbox.pad, tabindex: 0 }));
  const use = /** @type {HTMLButtonElement} */ (el("button.play", { type: "button", onclick: () => {
    dialog.close();
    onUse(Array.from({ length: points.length / 2 }, (_, at) => [points[2 * at], points[2 * at + 1]]));
  } }, texts.sandbox.use));
  const clear = el("button", { type: "button", onclick: () => { points.length = 0; draw(); } }, texts.sandbox.clear);
  const close = el("button", { type: "button", onclick: () => dialog.close() }, texts.sandbox.cancel);
  const dialog = /** @type {HTMLDialogElement} */ (el("dialog.sketch", { onclose: () => dialog.remove() }, el("h2", {}, texts.sandbox.drawTitle), el("p.hint", {}, texts.sandbox.drawHint), canvas, el("div.buttons", {}, use, clear, close)));
  function draw() {
    const pen = freshPen(canvas, SIDE, SIDE), theme = colours(canvas);
    pen.fillStyle = theme.ground;
    pen.fillRect(0, 0, SIDE, SIDE);
    drawPoints(pen, points, WINDOW, { left: 0, top: 0, side: SIDE }, theme.real, 2.5);
    use.disabled = points.length < 4;
  }
  const add = (/** @type {PointerEvent} */ event) => {
    if (event.type === "pointermove" && !event.buttons) return;
    const bounds = canvas.getBoundingClientRect();
    const x = ((event.clientX - bounds.left) / bounds.width) * 2 - 1, y = 1 - ((event.clientY - bounds.top) / bounds.height) * 2;
    const last = points.length - 2;
    const isNear = event.type === "pointermove" && last >= 0 && Math.hypot(points[last] - x, points[last + 1] - y) < APART;
    if (isNear || points.length >= 2 * MOST || Math.abs(x) > 1 || Math.abs(y) > 1) return;
    points.push(Number(x.toFixed(3)), Number(y.toFixed(3)));
    draw();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    add(event);
  });
  canvas.addEventListener("pointermove", add);
  document.body.append(dialog);
  dialog.showModal();
  draw();
}

/** The first two columns of numbers of a file. @param {(points: number[][]) => void} onUse  @param {(trouble: string) => void} onTrouble */
export function chooseCsv(onUse, onTrouble) {
  const input = /** @type {HTMLInputElement} */ (el("input", { type: "file", accept: ".csv,.tsv,.txt,text/csv", hidden: true }));
  input.addEventListener("change", async () => {
    const text = (await input.files?.[0]?.text()) ?? "";
    const rows = text.split(/\r?\n/).map((line) => line.split(/[,;\t]/).map((cell) => (cell.trim() === "" ? NaN : Number(cell))).filter(Number.isFinite)).filter((row) => row.length >= 2);
    const step = Math.max(1, rows.length / MOST);
    const points = Array.from({ length: Math.min(MOST, rows.length) }, (_, at) => rows[Math.floor(at * step)].slice(0, 2));
    input.remove();
    points.length < 2 ? onTrouble(texts.sandbox.noNumbers) : onUse(points);
  });
  document.body.append(input);
  input.click();
}

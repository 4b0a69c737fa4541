// @ts-check
// The settings of one game. Each control reads its value from the recipe and sends the override that changes it.

import { el } from "./dom.js";
import { info } from "./glossary.js";
import { texts } from "./texts.js";

const DATA = ["Ring", "Grid", "Clusters", "Line", "Moons", "Spiral"];
const LOSSES = ["NonSaturating", "Minimax", "LeastSquares", "Hinge", "Wasserstein", "Relativistic"];
const OPTIMISERS = ["Adam", "Sgd", "RMSprop"];
const RATES = [0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2];
const WIDTHS = [2, 4, 8, 16, 32, 64, 128, 256];
/** @type {Record<string, (weight: number) => any[]>} */
const PENALTIES = {
  none: () => [],
  R1: (weight) => [{ kind: "R1", gamma: weight }],
  "R1 + R2": (weight) => [{ kind: "R1", gamma: weight }, { kind: "R2", gamma: weight }],
  "WGAN-GP": (weight) => [{ kind: "WganGp", weight: Math.max(weight, 0.1) }],
};
const WEIGHTS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const DEFAULT_WEIGHT = 0.1;

/** @typedef {(changes: Record<string, any>) => void} Change */

let isMoreOpen = false; // whether the settings for later are shown; the same for every drawing of them

/** @param {string} label  @param {(Node | null)[]} controls */
function row(label, ...controls) {
  const last = controls.at(-1), explains = last instanceof HTMLElement && last.className === "info";
  return el("div.setting", {}, el("span", {}, label, explains ? last : null), ...(explains ? controls.slice(0, -1) : controls));
}

/** A list of choices; a value that is not among them is shown too.
 * @param {string} name  @param {(string | number)[]} choices  @param {string | number | undefined} value
 * @param {(value: string) => void} onChange  @param {(choice: string | number) => string} [say]
 */
function list(name, choices, value, onChange, say = String) {
  const all = value === undefined || choices.includes(value) ? choices : [value, ...choices];
  const select = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": name, name, onchange: () => onChange(select.value) },
    ...all.map((each) => el("option", { value: each }, say(each)))));
  select.disabled = value === undefined;
  if (value !== undefined) select.value = String(value);
  return select;
}

/** A learning rate as it is at the start of a schedule. @param {any} lr */
const rateOf = (lr) => (typeof lr === "object" && lr !== null ? lr.start : lr);

/** Which of PENALTIES a recipe has, and its weight. @param {any[]} found */
function penaltyOf(found) {
  const kinds = found.map((each) => each.kind).join(" + ");
  const name = kinds === "" ? "none" : kinds === "WganGp" ? "WGAN-GP" : kinds;
  return { name, weight: found[0]?.gamma ?? found[0]?.weight ?? DEFAULT_WEIGHT };
}

/** Turns of D and of G in a round. @param {any} tree */
function turnsOf(tree) {
  const turns = tree.phases?.[0]?.turns ?? [];
  const count = (/** @type {string} */ name) => turns.filter((/** @type {string} */ each) => each === name).length;
  return turns.length ? { D: count("discriminator"), G: count("generator") } : { D: tree.game.n_critic, G: 1 };
}

/** @param {number} D  @param {number} G */
const turnsChange = (D, G) => (G === 1
  ? { phases: [], "game.n_critic": D }
  : { phases: [{ kind: "Phase", samples: 1, turns: [...Array(D).fill("discriminator"), ...Array(G).fill("generator")] }] });

/** @param {"G" | "D"} name  @param {any} player  @param {Change} change */
function playerRows(name, player, change) {
  const { network, optimiser } = player, widths = network.widths;
  const layers = list(texts.sandbox.layersOf(name), [0, 1, 2, 3, 4, 5], widths?.length, (value) =>
    change({ [`${name}.network.widths`]: Array(Number(value)).fill(widths[0] ?? 32) }));
  const width = list(texts.sandbox.widthOf(name), WIDTHS, widths && (widths[0] ?? 32), (value) =>
    change({ [`${name}.network.widths`]: widths.map(() => Number(value)) }));
  const kind = list(texts.sandbox.optimiserOf(name), OPTIMISERS, optimiser.kind, (value) =>
    change({ [`${name}.optimiser`]: { kind: value, lr: rateOf(optimiser.lr), ...(value === "Adam" ? { beta1: 0, beta2: 0.99 } : {}) } }), (each) => (each === "Sgd" ? "SGD" : String(each)));
  const rate = list(texts.sandbox.rateOf(name), RATES, rateOf(optimiser.lr), (value) => change({ [`${name}.optimiser.lr`]: Number(value) }));
  return { form: row(texts.sandbox.hidden, layers, el("span", {}, "×"), width), rate: row(texts.sandbox.rate, rate), kind: row(texts.sandbox.optimiser, kind, info("optimiser")) };
}

/**
 * @param {any} side  of a set-up message
 * @param {Change} change
 * @param {(data: string) => void} onData  "draw" or "csv"
 * @param {Node[]} [further]  rows of the page itself, below those for later
 */
export function settings(side, change, onData, further = []) {
  const { tree } = side, { source, game } = tree, noise = tree.G.network, penalty = penaltyOf(game.penalties ?? []), turns = turnsOf(tree);
  const kept = source.kind === "Sketch" ? "draw" : source.kind;
  const data = list(texts.sandbox.data, [...DATA, "draw", "csv"], kept, (value) => {
    if (value !== "draw" && value !== "csv") return change({ source: { kind: value, ...(value === "Ring" ? { sigma: 0.05 } : {}) } });
    data.value = kept; // nothing is drawn or chosen yet, and perhaps nothing will be
    onData(value);
  }, (each) => texts.sandbox.dataNames[each] ?? String(each));
  const redraw = source.kind === "Sketch" ? el("button.link", { type: "button", onclick: () => onData("draw") }, texts.sandbox.redraw) : null;
  const noises = { "1 normal": [1, false], "1 uniform": [1, true], "2 normal": [2, false], "2 uniform": [2, true] };
  const chosenNoise = `${noise.latent} ${noise.uniform ? "uniform" : "normal"}`;
  const noiseList = list(texts.sandbox.noise, Object.keys(noises), noise.kind === "Mlp" ? chosenNoise : undefined, (value) => {
    const [latent, uniform] = noises[/** @type {keyof typeof noises} */ (value)];
    change({ "G.network.latent": latent, "G.network.uniform": uniform });
  }, (each) => texts.sandbox.noiseName(String(each)));
  const loss = list(texts.sandbox.loss, LOSSES, game.loss.kind, (value) => change({ "game.loss": { kind: value } }), (each) => texts.sandbox.lossNames[each] ?? String(each));
  const penalties = list(texts.sandbox.penalty, Object.keys(PENALTIES), penalty.name, (value) => change({ "game.penalties": PENALTIES[value]?.(penalty.weight) ?? [] }), (each) => (each === "none" ? texts.sandbox.none : String(each)));
  const weight = list(texts.sandbox.weight, WEIGHTS, penalty.name === "none" ? undefined : penalty.weight, (value) => change({ "game.penalties": PENALTIES[penalty.name]?.(Number(value)) ?? [] }));
  const steps = (/** @type {"D" | "G"} */ name) => list(texts.sandbox.turnsOf(name), [1, 2, 3, 5, 10, 20], turns[name], (value) =>
    change(turnsChange(name === "D" ? Number(value) : turns.D, name === "G" ? Number(value) : turns.G)));
  const spectral = box("spectral", (tree.D.constraints ?? []).some((/** @type {any} */ each) => each.kind === "SpectralNorm"), (on) => change({ "D.constraints": on ? [{ kind: "SpectralNorm" }] : [] }));
  const ema = box("ema", Boolean(tree.G.ema), (on) => change({ "G.ema": on ? { kind: "Ema" } : null }));
  const D = playerRows("D", tree.D, change), G = playerRows("G", tree.G, change), check = (/** @type {HTMLElement} */ input, /** @type {string} */ label, /** @type {string} */ word) => el("div.setting.boxed", {}, el("label.check", {}, input, label), info(word));
  const more = /** @type {HTMLDetailsElement} */ (el("details.more", { ontoggle: () => { isMoreOpen = more.open; } }, el("summary", {}, texts.sandbox.more),
    el("div.settings", {}, row(texts.sandbox.noise, noiseList, info("noise")), row(texts.sandbox.turns, el("span", {}, "D"), steps("D"), el("span", {}, "G"), steps("G"), info("round")),
      el("h3", {}, texts.sandbox.nodes.D), D.kind, check(spectral, texts.sandbox.spectral, "spectral"),
      el("h3", {}, texts.sandbox.nodes.G), G.kind, check(ema, texts.sandbox.ema, "ema"), ...further)));
  more.open = isMoreOpen;
  return el("div.settings", {},
    row(texts.sandbox.data, data, ...(redraw ? [redraw] : [])), row(texts.sandbox.loss, loss, info("loss")), row(texts.sandbox.penalty, penalties, weight, info("penalty")),
    el("h3", {}, texts.sandbox.nodes.D), D.form, D.rate, el("h3", {}, texts.sandbox.nodes.G), G.form, G.rate, more);
}

/** What each control of settings says, by its name. @param {ParentNode} element  @returns {Map<string, string>} */
export function readSettings(element) {
  const found = new Map();
  for (const each of /** @type {NodeListOf<HTMLSelectElement | HTMLInputElement>} */ (element.querySelectorAll("select[name], input[name]"))) {
    const name = each instanceof HTMLSelectElement ? each.name : each.closest("label")?.textContent ?? each.name;
    found.set(name, each instanceof HTMLSelectElement ? (each.disabled ? "" : each.selectedOptions[0]?.textContent ?? "") : each.type === "checkbox" ? (each.checked ? texts.sandbox.on : texts.sandbox.off) : each.value);
  }
  return found;
}

/** Mark the rows whose value was another one; returns what changed, in words. @param {HTMLElement} element  @param {Map<string, string>} before */
export function markChanged(element, before) {
  const now = readSettings(element), changed = [];
  for (const each of /** @type {NodeListOf<HTMLSelectElement | HTMLInputElement>} */ (element.querySelectorAll("select[name], input[name]"))) {
    const name = each instanceof HTMLSelectElement ? each.name : each.closest("label")?.textContent ?? each.name;
    const [was, is] = [before.get(name), now.get(name)];
    if (was === undefined || was === is || !is) continue;
    each.closest(".setting")?.classList.add("changed");
    if (was) each.closest(".setting")?.append(el("span.was", {}, texts.sandbox.was(was)));
    changed.push(`${name}: ${was || texts.sandbox.none} → ${is}`);
  }
  return changed;
}

/** The settings in which games differ, in words for each. @param {Map<string, string>[]} each */
export const differences = (each) => each.map((own) => [...own].filter(([name, value]) => value && each.some((other) => other.get(name) !== value)).map(([name, value]) => `${name} ${value}`).join(", "));

/** @param {string} name  @param {boolean} on  @param {(on: boolean) => void} onChange */
function box(name, on, onChange) {
  const input = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", name, onchange: () => onChange(input.checked) }));
  input.checked = on;
  return input;
}

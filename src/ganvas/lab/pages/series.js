// @ts-check
// What the server says of a run as series for charts.

import { Chart } from "./chart.js";
import { el } from "./dom.js";
import { texts } from "./texts.js";

/** Curves by name; the name of the turn is left out where there is one turn only.
 * @param {{samples: number[], values: Record<string, (number | null)[]>}} curve
 * @param {(name: string) => boolean} [wanted]
 */
export function seriesOf(curve, wanted = () => true) {
  const names = Object.keys(curve.values).filter(wanted);
  const turn = `${names[0]?.split(".")[0]}.`;
  const isOne = names.length > 1 && names.every((name) => name.startsWith(turn));
  return names.map((name) => ({ name: isOne ? name.slice(turn.length) : name, samples: curve.samples, values: curve.values[name] }));
}

/** Terms of the losses, called as in the sandbox. @param {Parameters<typeof seriesOf>[0]} curve  @param {(name: string) => boolean} wanted */
export const termSeries = (curve, wanted) => seriesOf(curve, wanted).map((each) => ({ ...each, name: texts.sandbox.term(each.name) }));

/** @param {any} score */
export function scoreSeries(score) {
  const known = score.values.map((/** @type {number | null} */ value, /** @type {number} */ at) => at).filter((/** @type {number} */ at) => score.values[at] !== null);
  const sign = score.lower_is_better === null ? 0 : score.lower_is_better ? 1 : -1;
  const best = sign ? known.reduce((/** @type {number} */ a, /** @type {number} */ b) => (a < 0 || sign * score.values[b] < sign * score.values[a] ? b : a), -1) : undefined;
  return { name: score.name, samples: score.samples, values: score.values, errors: score.errors, real: score.real_vs_real, best };
}

/** A chart of one of many series, chosen from a list.
 * @param {import("./clock.js").Clock} clock  @param {string} title  @param {string} hint
 * @param {boolean} [many]  whether lists of several runs are given, whose series of the chosen name are drawn together
 */
export function choosing(clock, title, hint, many = false) {
  const chart = new Chart(clock, title, hint);
  /** @type {any[]} */
  let all = [];
  const list = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": `${title}: ${texts.chosen}`, onchange: () => draw() }));
  chart.element.insertBefore(list, chart.plot);
  const named = (/** @type {any[]} */ series) => series.filter((each) => each.name === list.value);
  const draw = () => chart.set(many ? all.flatMap((each, at) => named(each).map((found) => ({ ...found, name: `${"AB"[at]} ${found.name}` }))) : named(all));
  return { element: chart.element, set: (/** @type {any[]} */ given) => {
    all = given;
    const series = many ? given.flat().filter((each, at, every) => every.findIndex((other) => other.name === each.name) === at) : given;
    const wanted = list.value;
    if (list.options.length !== series.length) list.replaceChildren(...series.map((each) => el("option", { value: each.name }, each.name)));
    if (series.some((each) => each.name === wanted)) list.value = wanted;
    list.hidden = series.length < 2;
    draw();
  } };
}

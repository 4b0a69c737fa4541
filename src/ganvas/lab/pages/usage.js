// @ts-check
// What training uses: memory in megabytes, and the share of the time that it waits for data.

import { Chart } from "./chart.js";
import { texts } from "./texts.js";

const MEGA = 1e6;

/** Two charts; those without values are hidden, as for runs that did not record them. @param {import("./clock.js").Clock} clock */
export function usageCharts(clock) {
  const said = texts.usage;
  const memory = new Chart(clock, said.memory, said.memoryHint), wait = new Chart(clock, said.wait, said.waitHint);
  memory.element.hidden = wait.element.hidden = true; // until their values have been read
  /** @param {{samples: number[], values: Record<string, (number | null)[]>}} curve */
  function set(curve) {
    const series = (/** @type {string} */ key, /** @type {string} */ name, /** @type {number} */ unit) => (curve.values[key] ? [{ name, samples: curve.samples, values: curve.values[key].map((value) => (value === null ? null : value / unit)) }] : []);
    const held = [...series("memory", said.process, MEGA), ...series("device_memory", said.device, MEGA)], waited = series("data_wait", said.share, 0.01);
    memory.set(held);
    wait.set(waited);
    memory.element.hidden = !held.length;
    wait.element.hidden = !waited.length;
  }
  return { elements: [memory.element, wait.element], set };
}

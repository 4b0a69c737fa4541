// @ts-check
// Reads of the server. Addresses are relative, so that the secret in the page's own address is part of them.

import { texts } from "./texts.js";

/** The run of an exported file, or undefined in the lab. @type {{run: any, sheets: Record<string, string>} | undefined} */
export const held = /** @type {any} */ (globalThis).ganvasRun;

/** @param {string} path  @returns {Promise<any>} */
export async function get(path) {
  if (held) return held.run;
  let answer;
  try {
    answer = await fetch(path);
  } catch {
    throw new Error(texts.gone);
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

/**
 * New events of a run. The browser reconnects by itself, and resumes at the last event that it got.
 * @param {string} run
 * @param {number} offset
 * @param {(event: any) => void} onEvent
 * @param {() => void} onReset
 * @returns {() => void} ends it
 */
export function follow(run, offset, onEvent, onReset) {
  const source = new EventSource(`runs/${run}/events?from=${offset}`);
  source.onmessage = (message) => onEvent(JSON.parse(message.data));
  source.addEventListener("reset", onReset);
  return () => source.close();
}

/** The address of a run's sheets. @param {string} run */
export const sheetAddress = (run) => (/** @type {string} */ file) => held?.sheets[file] ?? `runs/${run}/samples/${file}`;

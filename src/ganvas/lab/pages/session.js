// @ts-check
// A process of the lab: commands to it, and its messages.

import { texts } from "./texts.js";

/** @param {string} path  @param {any} [body]  @returns {Promise<Response>} */
export async function post(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
  } catch {
    throw new Error(texts.gone);
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

/** A new session's id. @param {string} path  "sandbox", or "runs/ID/explore" */
export const begin = async (path) => (await (await post(path)).json()).id;

/** @param {string} id  @param {Record<string, any>} command */
export const send = (id, command) => post(`sessions/${id}`, command);

/** All messages that are kept of a session, then new ones. @param {string} id  @param {(message: any) => void} onMessage  @param {() => void} onLost */
export function listen(id, onMessage, onLost) {
  const source = new EventSource(`sessions/${id}/messages`);
  source.onmessage = (message) => onMessage(JSON.parse(message.data));
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) onLost(); };
  return () => source.close();
}

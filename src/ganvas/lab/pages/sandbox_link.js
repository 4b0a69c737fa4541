// @ts-check
// The commands of a sandbox, its messages, and the set-up in the page's address.

import { texts } from "./texts.js";

const KEY = "ganvas-sandbox";

/** A set-up as text for an address. @param {any} setup */
export function toLink(setup) {
  const bytes = new TextEncoder().encode(JSON.stringify(setup));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The set-up of such a text; null if it is none. @param {string} text  @returns {any} */
export function fromLink(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
    const found = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(found?.sides) ? found : null;
  } catch {
    return null;
  }
}

/** A session that this tab had before, whose set-up is that of the address, or null. @param {string} link */
export function remembered(link) {
  const [id, was] = (sessionStorage.getItem(KEY) ?? "").split(" ");
  return id && (!link || link === was) ? id : null;
}

/** @param {string} id  @param {string} link */
export const remember = (id, link) => sessionStorage.setItem(KEY, `${id} ${link}`);

/** @param {string} path  @param {any} [body]  @returns {Promise<Response>} */
async function post(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
  } catch {
    throw new Error(texts.gone);
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

/** A new session's id. */
export const begin = async () => (await (await post("sandbox")).json()).id;

/** @param {string} id  @param {Record<string, any>} command */
export const send = (id, command) => post(`sandbox/${id}`, command);

/** All messages that are kept of a session, then new ones. @param {string} id  @param {(message: any) => void} onMessage  @param {() => void} onLost */
export function listen(id, onMessage, onLost) {
  const source = new EventSource(`sandbox/${id}/messages`);
  source.onmessage = (message) => onMessage(JSON.parse(message.data));
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) onLost(); };
  return () => source.close();
}

// @ts-check
// The set-up of a sandbox in the page's address, and the session that a tab had.

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

/** The session that this tab had last, whatever its set-up; "" for none. */
export const lastSession = () => (sessionStorage.getItem(KEY) ?? "").split(" ")[0];

/** The name of a set-up in a link, and the chapter of the tour that it is of, or 0: "game.1". @param {string} link */
export function chapterOf(link) {
  const [, name, chapter] = /^(.*)\.(\d)$/.exec(link) ?? ["", link, "0"];
  return { name, chapter: Number(chapter) };
}

/** @param {string} id  @param {string} link */
export const remember = (id, link) => sessionStorage.setItem(KEY, `${id} ${link}`);

// @ts-check
// The one time of a page: samples seen. Every panel listens to it, so that all of them show the same moment.

export class Clock {
  constructor() {
    this.at = 0; // samples
    this.end = 1; // samples of the whole run
    this.last = 0; // samples seen so far
    this.live = true; // whether the newest moment is shown as it comes
    /** @type {(() => void)[]} */
    this.listeners = [];
    this.waiting = false;
  }

  /** @param {() => void} listener */
  listen(listener) {
    this.listeners.push(listener);
  }

  /** @param {number} samples  @param {boolean} [live] */
  set(samples, live = false) {
    this.at = Math.max(0, Math.min(this.last, Math.round(samples)));
    this.live = live;
    this.tell();
  }

  /** @param {number} last  @param {number} end */
  grow(last, end) {
    this.last = Math.max(last, 0);
    this.end = Math.max(end, last, 1);
    if (this.live || this.at > this.last) this.at = this.last;
    this.tell();
  }

  /** Listeners are called once a frame, however often the time changes. */
  tell() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      for (const listener of this.listeners) listener();
    });
  }
}

/** The place of the last number that is not above `wanted` in a rising list; -1 if there is none.
 * @param {number[]} list
 * @param {number} wanted
 */
export function placeOf(list, wanted) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

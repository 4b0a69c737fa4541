// @ts-check
// What a sandbox has shown so far: its set-up and its moments, thinned; and curves of them.

const KEPT = 1200; // moments

export class History {
  constructor() {
    /** @type {any} */ this.setup = null;
    /** @type {any[]} */ this.frames = [];
  }

  /** @param {any} frame */
  add(frame) {
    const last = this.frames[this.frames.length - 1];
    if (last && last.sides[0].samples === frame.sides[0].samples) { // the same moment again, drawn otherwise
      this.frames.pop();
      frame.sides.forEach((/** @type {any} */ side, /** @type {number} */ at) => { side.scores ??= last.sides[at]?.scores; });
    }
    this.frames.push(frame);
    if (this.frames.length > KEPT) this.frames = this.frames.filter((_, at) => at % 2 === 0 || at === this.frames.length - 1);
  }

  /** @param {number} samples  what came later is forgotten */
  back(samples) {
    this.frames = this.frames.filter((each) => each.sides[0].samples <= samples);
  }

  clear() {
    this.frames = [];
  }

  /** The moment at or before these samples. @param {number} samples */
  at(samples) {
    let low = 0, high = this.frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.frames[middle].sides[0].samples <= samples) low = middle + 1;
      else high = middle;
    }
    return this.frames[Math.max(0, low - 1)];
  }

  /** The last scores at or before these samples, of one game. @param {number} samples  @param {number} side */
  scores(samples, side) {
    for (let at = this.frames.length - 1; at >= 0; at--) {
      const frame = this.frames[at];
      if (frame.sides[0].samples <= samples && frame.sides[side]?.scores) return frame.sides[side].scores;
    }
    return null;
  }

  get last() {
    return this.frames.length ? this.frames[this.frames.length - 1].sides[0].samples : 0;
  }

  /** Curves over the samples of the first game. @param {(side: any) => Record<string, number | null> | undefined} read  @param {(name: string) => string} say */
  curves(read, say) {
    /** @type {Map<string, {name: string, samples: number[], values: (number | null)[]}>} */
    const found = new Map();
    for (const frame of this.frames) {
      for (const [place, side] of frame.sides.entries()) {
        for (const [key, value] of Object.entries(read(side) ?? {})) {
          const name = (frame.sides.length > 1 ? `${"AB"[place]} ` : "") + say(key);
          const curve = found.get(name) ?? { name, samples: [], values: [] };
          found.set(name, curve);
          curve.samples.push(frame.sides[0].samples);
          curve.values.push(value);
        }
      }
    }
    return [...found.values()];
  }
}

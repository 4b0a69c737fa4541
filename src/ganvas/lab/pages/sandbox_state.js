// @ts-check
// What a sandbox has shown so far: its moments, thinned, each with the set-up of its time; and curves of them.

const KEPT = 1200; // moments

export class History {
  constructor() {
    /** @type {any} */ this.setup = null; // of the newest moment
    /** @type {any[]} */ this.frames = [];
  }

  /** @param {any} frame */
  add(frame) {
    frame.setup = this.setup;
    const last = this.frames[this.frames.length - 1];
    if (last && last.sides[0].samples === frame.sides[0].samples) { // the same moment again, drawn otherwise
      this.frames.pop();
      if (last.setup === frame.setup) frame.sides.forEach((/** @type {any} */ side, /** @type {number} */ at) => { side.scores ??= last.sides[at]?.scores; });
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

  /** One of two games goes on; only its past stays. @param {number} side */
  only(side) {
    const setups = new Map();
    for (const frame of this.frames) {
      const { setup } = frame;
      if (!setups.has(setup)) setups.set(setup, { ...setup, sides: [setup.sides[side] ?? setup.sides[0]] });
      frame.setup = setups.get(setup);
      frame.sides = [frame.sides[side] ?? frame.sides[0]];
    }
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

  /** The last scores at or before these samples, of one game with the data of that moment. @param {number} samples  @param {number} side */
  scores(samples, side) {
    const data = dataOf(this.at(samples), side);
    for (let at = this.frames.length - 1; at >= 0; at--) {
      const frame = this.frames[at];
      if (frame.sides[0].samples <= samples && frame.sides[side]?.scores && dataOf(frame, side) === data) return frame.sides[side].scores;
    }
    return null;
  }

  get last() {
    return this.frames.length ? this.frames[this.frames.length - 1].sides[0].samples : 0;
  }

  /** Curves over the samples of the first game. Two games have one past where the second is a copy; its curves are dashed.
   * @param {(side: any) => Record<string, number | null> | undefined} read  @param {(name: string) => string} say
   */
  curves(read, say) {
    /** @type {Map<string, import("./chart.js").Series & {key: string}>} */
    const found = new Map();
    const names = this.setup.sides.length > 1 ? ["A ", "B "] : [""], keys = /** @type {string[]} */ ([]);
    for (const frame of this.frames) {
      for (const [place, name] of names.entries()) {
        for (const [key, value] of Object.entries(read(frame.sides[place] ?? frame.sides[0]) ?? {})) {
          if (!keys.includes(key)) keys.push(key);
          const curve = found.get(name + key) ?? { key, name: name + say(key), samples: [], values: [], colour: keys.indexOf(key), dashed: place > 0 };
          found.set(name + key, curve);
          curve.samples.push(frame.sides[0].samples);
          curve.values.push(value);
        }
      }
    }
    return [...found.values()].sort((a, b) => keys.indexOf(a.key) - keys.indexOf(b.key));
  }
}

/** The data of a moment, for comparison. @param {any} frame  @param {number} side */
const dataOf = (frame, side) => String((frame?.setup.sides[side] ?? frame?.setup.sides[0])?.real);

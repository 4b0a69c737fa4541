// @ts-check
// Drawing of a moment of the sandbox on any canvas: D's map, G's grid, points, arrows. Coordinates are those of the data.

/** @typedef {{x: number, y: number, half: number}} Window  the drawn square */
/** @typedef {{left: number, top: number, side: number}} Box  where it is drawn, in CSS pixels */

const EMPTY = /** @type {number[]} */ ([]);

/** Colours of the theme. @param {Element} element */
export function colours(element) {
  const style = getComputedStyle(element);
  const named = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return { real: named("--real"), fake: named("--fake"), ground: named("--plane"), ink: named("--ink"), soft: named("--soft"), line: named("--line"), mark: named("--mark"), paper: named("--paper") };
}

/** @param {Window} window  @param {Box} box  @returns {[(x: number) => number, (y: number) => number]} */
export function places(window, box) {
  const scale = box.side / (2 * window.half);
  return [(x) => box.left + (x - window.x + window.half) * scale, (y) => box.top + (window.y + window.half - y) * scale];
}

/** "#rrggbb" as numbers. @param {string} colour */
const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** D over the square: purple where D says generated, green where it says real; equal to the ground at one half.
 * @param {CanvasRenderingContext2D} pen  @param {string} map  bytes in base64, row by row from the top
 * @param {Box} box  @param {ReturnType<typeof colours>} theme
 * @param {string | null} [empty]  bytes above 127 where D means nothing: grey
 */
export function drawMap(pen, map, box, theme, empty = null) {
  const bytes = atob(map), nothing = empty ? atob(empty) : "", side = Math.round(Math.sqrt(bytes.length));
  const [low, middle, high, grey] = [theme.fake, theme.ground, theme.real, theme.line].map(channels);
  const image = new ImageData(side, side);
  for (let at = 0; at < bytes.length; at++) {
    const share = bytes.charCodeAt(at) / 255, end = share < 0.5 ? low : high, by = Math.abs(share - 0.5) * 1.5;
    for (let channel = 0; channel < 3; channel++) image.data[4 * at + channel] = nothing.charCodeAt(at) > 127 ? grey[channel] : middle[channel] + (end[channel] - middle[channel]) * by;
    image.data[4 * at + 3] = 255;
  }
  const small = new OffscreenCanvas(side, side);
  /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = true;
  pen.drawImage(small, box.left, box.top, box.side, box.side);
}

/** @param {CanvasRenderingContext2D} pen  @param {number[]} points  x, y, x, y, ...  @param {Window} window  @param {Box} box
 * @param {string} colour  @param {number} radius  @param {string} [edge]  colour of a ring around each point
 */
export function drawPoints(pen, points, window, box, colour, radius, edge) {
  const [x, y] = places(window, box);
  pen.fillStyle = colour;
  if (edge) pen.strokeStyle = edge;
  pen.lineWidth = 2;
  pen.beginPath(); // one path for all: a page draws some thousand of them a second
  for (let at = 0; at < points.length; at += 2) {
    const across = x(points[at]), down = y(points[at + 1]);
    pen.moveTo(across + radius, down);
    pen.arc(across, down, radius, 0, 2 * Math.PI);
  }
  if (edge) pen.stroke(); // below all points, so that dense ones keep their colour
  pen.fill();
}

/** Where the grid of the noise goes: a curve for one number, cells for two. A cell is the darker the more probable it is.
 * @param {CanvasRenderingContext2D} pen  @param {number[]} grid  @param {number} numbers  of the noise
 * @param {Window} window  @param {Box} box  @param {string} colour
 */
export function drawGrid(pen, grid, numbers, window, box, colour) {
  const [x, y] = places(window, box), count = grid.length / 2, side = numbers === 1 ? count : Math.round(Math.sqrt(count));
  const move = (/** @type {number} */ at) => pen.lineTo(x(grid[2 * at]), y(grid[2 * at + 1]));
  pen.strokeStyle = pen.fillStyle = colour;
  if (numbers === 1) {
    pen.lineWidth = 2;
    pen.beginPath();
    for (let at = 0; at < count; at++) move(at);
    pen.stroke();
    return;
  }
  const whole = (2 * window.half) ** 2;
  for (let row = 0; row + 1 < side; row++) {
    for (let column = 0; column + 1 < side; column++) {
      const corners = [row * side + column, row * side + column + 1, (row + 1) * side + column + 1, (row + 1) * side + column];
      let area = 0;
      for (let at = 0; at < 4; at++) {
        const [a, b] = [corners[at], corners[(at + 1) % 4]];
        area += (grid[2 * a] * grid[2 * b + 1] - grid[2 * b] * grid[2 * a + 1]) / 2;
      }
      pen.globalAlpha = Math.min(0.75, (0.12 * whole) / (Math.abs(area) + 1e-9) / (side - 1) ** 2);
      pen.beginPath();
      corners.forEach(move);
      pen.fill();
    }
  }
  pen.globalAlpha = 0.55;
  pen.lineWidth = 0.7;
  for (let row = 0; row < side; row++) {
    pen.beginPath();
    for (let column = 0; column < side; column++) move(row * side + column);
    pen.stroke();
    pen.beginPath();
    for (let column = 0; column < side; column++) move(column * side + row);
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} pen  @param {number[]} points  @param {number[]} arrows  lengths up to 1
 * @param {number} longest  CSS pixels  @param {Window} window  @param {Box} box  @param {string} colour
 */
export function drawArrows(pen, points, arrows, longest, window, box, colour) {
  const [x, y] = places(window, box);
  pen.strokeStyle = colour;
  pen.lineWidth = 1.2;
  for (let at = 0; at < points.length; at += 2) {
    const right = arrows[at] * longest, up = arrows[at + 1] * longest;
    if (right * right + up * up < 4) continue; // it would only cover its point
    const fromX = x(points[at]), fromY = y(points[at + 1]), toX = fromX + right, toY = fromY - up;
    pen.beginPath();
    pen.moveTo(fromX, fromY);
    pen.lineTo(toX, toY);
    pen.lineTo(toX - 0.3 * right + 0.18 * up, toY + 0.3 * up + 0.18 * right);
    pen.moveTo(toX, toY);
    pen.lineTo(toX - 0.3 * right - 0.18 * up, toY + 0.3 * up - 0.18 * right);
    pen.stroke();
  }
}

/** Centres of side x side squares of the window, row by row from its top. @param {Window} window  @param {number} side */
export function fieldPoints(window, side) {
  const points = EMPTY.slice();
  for (let row = 0; row < side; row++) for (let column = 0; column < side; column++) {
    points.push(window.x + window.half * (((column + 0.5) / side) * 2 - 1), window.y - window.half * (((row + 0.5) / side) * 2 - 1));
  }
  return points;
}

/** The grid of the noise itself, spread over the window. @param {number} count  of points  @param {number} numbers  @param {Window} window */
export function noiseGrid(count, numbers, window) {
  const side = numbers === 1 ? count : Math.round(Math.sqrt(count)), points = EMPTY.slice();
  const place = (/** @type {number} */ at) => (at / (side - 1)) * 2 - 1;
  for (let at = 0; at < count; at++) {
    const across = numbers === 1 ? place(at) : place(Math.floor(at / side)), up = numbers === 1 ? 0 : place(at % side);
    points.push(window.x + 0.8 * window.half * across, window.y + 0.8 * window.half * up);
  }
  return points;
}

/** The pen of a canvas, sized for the screen and cleared. @param {HTMLCanvasElement} canvas  @param {number} wide  @param {number} high */
export function freshPen(canvas, wide, high) {
  const dots = devicePixelRatio || 1;
  canvas.width = Math.round(wide * dots);
  canvas.height = Math.round(high * dots);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.scale(dots, dots);
  return pen;
}

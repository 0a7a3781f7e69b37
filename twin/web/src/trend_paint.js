/** What the trend draws besides its lines: gaps behind them, limits and Bad readings over them. */

const HATCH_PX = 7;

/**
 * @typedef {object} TrendPalette
 * @property {string} line
 * @property {string} band
 * @property {string} grid
 * @property {string} text
 * @property {string} gap
 * @property {string} warning
 * @property {string} critical
 * @property {string} bad
 * @property {string} stale
 * @property {string} font
 * @property {number} scale how much larger than usual type is
 */

/**
 * Reads the colours of the theme.
 *
 * @param {Element} element
 * @returns {TrendPalette}
 */
export function readPalette(element) {
  const style = getComputedStyle(element);
  const read = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const scale = Number(read("--scale")) || 1;
  return {
    line: read("--accent"), band: read("--band"), grid: read("--line"), text: read("--text-3"), gap: read("--gap"),
    warning: read("--condition-warning"), critical: read("--condition-critical"), bad: read("--condition-bad"),
    stale: read("--condition-stale"),
    font: `${Math.round(11 * scale)}px ${style.fontFamily}`, scale,
  };
}

/**
 * Shades the gaps and writes why there is nothing.
 *
 * @param {import("uplot")} plot
 * @param {import("./held_line.js").Gap[]} gaps
 * @param {TrendPalette} palette
 * @param {(gap: import("./held_line.js").Gap) => string} words
 */
export function paintGaps(plot, gaps, palette, words) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const gap of gaps) {
    const left = Math.max(plot.valToPos(gap.start_ms / 1000, "x", true), bbox.left);
    const right = Math.max(Math.min(plot.valToPos(gap.end_ms / 1000, "x", true), bbox.left + bbox.width), left + 2 * ratio);
    ctx.fillStyle = palette.gap;
    ctx.globalAlpha = 0.14;
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.globalAlpha = 0.28;
    ctx.strokeStyle = palette.gap;
    ctx.lineWidth = ratio;
    ctx.beginPath();
    for (let x = left - bbox.height; x < right; x += HATCH_PX * ratio) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
    const text = words(gap);
    ctx.globalAlpha = 1;
    ctx.font = scaled(palette.font, ratio);
    const fits = right - left >= ctx.measureText(text).width + 8 * ratio;
    ctx.fillStyle = palette.text;
    ctx.textBaseline = "top";
    if (gap.open) {
      // where trust ends is marked however short ago it was
      ctx.fillStyle = palette.stale;
      ctx.fillRect(left - ratio, bbox.top, 2 * ratio, bbox.height);
    } else if (!fits) continue;
    ctx.textAlign = fits ? "center" : "right";
    ctx.fillText(text, fits ? (left + right) / 2 : left - 6 * ratio, bbox.top + 6 * ratio);
  }
  ctx.restore();
}

/**
 * Draws the limits that lie in sight, each with its name.
 *
 * @param {import("uplot")} plot
 * @param {{value: number, level: "warning" | "critical", label: string}[]} limits
 * @param {TrendPalette} palette
 */
export function paintLimits(plot, limits, palette) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = scaled(palette.font, ratio);
  ctx.textAlign = "left";
  for (const limit of limits) {
    const y = plot.valToPos(limit.value, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = ctx.fillStyle = palette[limit.level];
    ctx.lineWidth = ratio;
    ctx.setLineDash([6 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    const below = y - bbox.top < 16 * ratio;
    ctx.textBaseline = below ? "top" : "bottom";
    ctx.fillText(limit.label, bbox.left + 4 * ratio, y + (below ? 2 : -2) * ratio);
  }
  ctx.restore();
}

/**
 * Marks Bad readings with crosses along the bottom.
 *
 * @param {import("uplot")} plot
 * @param {number[]} times [s since the epoch]
 * @param {TrendPalette} palette
 */
export function paintBad(plot, times, palette) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const arm = 3 * ratio;
  const y = bbox.top + bbox.height - 8 * ratio;
  ctx.save();
  ctx.strokeStyle = palette.bad;
  ctx.lineWidth = 1.6 * ratio;
  ctx.beginPath();
  for (const time of times) {
    const x = plot.valToPos(time, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.moveTo(x - arm, y - arm);
    ctx.lineTo(x + arm, y + arm);
    ctx.moveTo(x + arm, y - arm);
    ctx.lineTo(x - arm, y + arm);
  }
  ctx.stroke();
  ctx.restore();
}

/**
 * Draws the readings that no line can show, for nothing holds them.
 *
 * @param {import("uplot")} plot
 * @param {[number, number][]} dots time [s since the epoch] and value
 * @param {TrendPalette} palette
 */
export function paintDots(plot, dots, palette) {
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = palette.line;
  for (const [time, value] of dots) {
    ctx.beginPath();
    ctx.arc(plot.valToPos(time, "x", true), plot.valToPos(value, "y", true), 2.2 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}

/** @param {string} font @param {number} ratio */
function scaled(font, ratio) {
  return font.replace(/^([\d.]+)px/, (_, size) => `${size * ratio}px`);
}

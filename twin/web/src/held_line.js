/**
 * A line that is true between its readings. Pure.
 *
 * A server that reports on change says nothing while a value stays the same, so silence is no gap: a value holds until
 * the next one. It stops holding where a gap begins, where a Bad reading comes, where it is older than its kind allows,
 * and where the source was last known to be well; after a gap, what was told last stands again, for a gap ends at the
 * first moment that is whole.
 */

/**
 * A reading, or a bucket of them.
 *
 * @typedef {object} Point
 * @property {number} time where it begins to stand [ms since the epoch]
 * @property {number} end of the bucket, of a reading its time [ms since the epoch]
 * @property {number | null} min null where there is no value
 * @property {number | null} max
 * @property {number | null} mean
 * @property {boolean} bad true if a Bad reading is in it
 *
 * @typedef {object} Gap
 * @property {number} start_ms
 * @property {number} end_ms
 * @property {string} reason
 * @property {boolean} [open] true if it lasts until now
 *
 * @typedef {object} Trust
 * @property {number} until the last moment at which the newest value is known to stand [ms since the epoch]
 * @property {number} holdFor how long a value may stand without a new one [ms]
 *
 * @typedef {object} TrendColumns
 * @property {number[]} time [s since the epoch], ascending; a value stands from its time to the next
 * @property {(number | null)[]} min null breaks the line
 * @property {(number | null)[]} max
 * @property {(number | null)[]} mean
 * @property {number[]} bad times of Bad readings [s]
 * @property {[number, number][]} dots time [s] and value of readings that nothing holds: a line cannot show them
 * @property {Gap[]} gaps that overlap the window, and the times after which nobody can say what stands
 */

/**
 * Draws the line of a window.
 *
 * @param {Point[]} points ascending; those before the window may be there
 * @param {Gap[]} gaps
 * @param {number} start of the window [ms since the epoch]
 * @param {number} end
 * @param {Trust} trust
 * @returns {TrendColumns}
 */
export function heldLine(points, gaps, start, end, { until, holdFor }) {
  /** @type {TrendColumns} */
  const columns = { time: [], min: [], max: [], mean: [], bad: [], dots: [], gaps: [] };
  columns.gaps = gaps.filter((gap) => gap.end_ms > start && gap.start_ms < end).sort((one, other) => one.start_ms - other.start_ms);
  const put = (/** @type {number} */ time, /** @type {Pick<Point, "min" | "max" | "mean">} */ { min, max, mean }) => {
    columns.time.push(time / 1000);
    columns.min.push(min);
    columns.max.push(max);
    columns.mean.push(mean);
  };
  /** @type {Gap[]} */
  const silences = [];
  const first = points.filter((point) => point.time <= start).length - 1;
  for (let k = Math.max(first, 0); k < points.length && points[k].time <= end; k++) {
    const point = points[k];
    const next = points[k + 1];
    const to = Math.min(next?.time ?? end, end);
    const trusted = Math.max(next ? to : Math.min(to, until), point.time);
    let at = Math.max(point.time, start);
    if (point.bad && point.time >= start) columns.bad.push((point.time + point.end) / 2000);
    if (point.mean === null) {
      put(at, BREAK);
      if (!next) silences.push({ start_ms: Math.max(at, trusted), end_ms: end, reason: "stale", open: true });
      continue;
    }
    // of a bucket with Bad readings nobody knows whether the last was one
    const stop = Math.min(point.end + (point.bad ? 0 : holdFor), trusted);
    for (const gap of columns.gaps) {
      if (gap.end_ms <= at || gap.start_ms >= stop) continue;
      if (gap.start_ms > at || at === point.time) put(at, point);
      if (gap.start_ms > at) put(gap.start_ms, point);
      else if (at === point.time) columns.dots.push([at / 1000, point.mean]);
      put(Math.max(at, gap.start_ms), BREAK);
      at = gap.end_ms;
    }
    const drawn = at < stop || at === point.time;
    if (drawn) put(at, point);
    if (drawn && at < stop && stop !== next?.time) put(stop, point);
    if (drawn && at === stop) columns.dots.push([at / 1000, point.mean]);
    if (stop < to) put(Math.min(Math.max(at, stop), to), BREAK);
    silences.push({
      start_ms: Math.max(at, point.bad ? trusted : stop), end_ms: Math.min(to, gapAfter(columns.gaps, Math.max(at, stop))),
      reason: "stale", open: !next,
    });
  }
  columns.gaps.push(...silences.filter((silence) => silence.start_ms < silence.end_ms));
  return columns;
}

/** Where the next gap begins. @param {Gap[]} gaps @param {number} time [ms since the epoch] */
function gapAfter(gaps, time) {
  return gaps.find((gap) => gap.start_ms >= time)?.start_ms ?? Infinity;
}

const BREAK = Object.freeze({ min: null, max: null, mean: null });

/**
 * Which point stands at a time: the newest that is not later.
 *
 * @param {TrendColumns} columns
 * @param {number} time [s since the epoch]
 * @returns {number} index, -1 if there is none
 */
export function standingAt({ time: times, mean }, time) {
  let at = -1;
  while (at + 1 < times.length && times[at + 1] <= time) at += 1;
  const after = at === times.length - 1 && at >= 0 && time > times[at];
  return at < 0 || after || mean[at] === null ? -1 : at;
}

/**
 * What is known about a tag now.
 *
 * @typedef {object} Standing
 * @property {number} now [ms since the epoch, the server's clock]
 * @property {number} pictureTime when the newest frame of the stream was made [ms since the epoch]
 * @property {boolean} offline true if the stream has ended
 * @property {boolean} stale as the server says
 * @property {number} newest source time of the newest value [ms since the epoch]
 * @property {number} holdFor how long a value may stand without a new one [ms]
 * @property {import("./sources.js").SourceRow | undefined} source
 */

/**
 * The last moment at which the newest value of a tag is known to stand: now, unless the stream has ended, its source is
 * away, it is too old, or its source says that it cannot be read.
 *
 * @param {Standing} standing
 * @returns {number} [ms since the epoch]
 */
export function trustedUntil({ now, pictureTime, offline, stale, newest, holdFor, source }) {
  const known = offline ? Math.min(pictureTime, now) : now;
  if (!stale) return known;
  /** @type {number[]} */
  const ends = [];
  if (newest + holdFor < now) ends.push(newest + holdFor);
  if (source?.silent && source.heard_ms) ends.push(source.heard_ms);
  const state = source?.state;
  if (state && state.connection !== "connected") ends.push(Math.min(state.since_ms, state.last_heard_ms || state.since_ms));
  return ends.length > 0 ? Math.max(newest, Math.min(known, ...ends)) : newest;
}

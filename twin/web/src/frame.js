/**
 * Stream frames: what changed in one tick, as binary columns. The encoder is `twin/stream/frame.py`.
 *
 * Little-endian. A 48-byte header, then sections each padded to 8 bytes, so that every column below is a
 * view into the received buffer and nothing is copied.
 */

const MAGIC = 0x54535450; // "PTST" read as a little-endian u32
const VERSION = 1;
const HEADER_BYTES = 48;
const FLAG_SNAPSHOT = 1;

/** The bytes are not a stream frame that this page understands. */
export class FrameError extends Error {
  /** @param {string} text */
  constructor(text) {
    super(text);
    this.name = "FrameError";
  }
}

/**
 * One tick. Rows that `badPosition` does not name are Good (status 0).
 *
 * @typedef {object} StreamFrame
 * @property {boolean} snapshot true if it holds every tag that has a value
 * @property {number} tick counts up by one a tick
 * @property {number} serverTime when it was made [ms since the epoch]
 * @property {string} revision first 16 hex digits of the park's revision
 * @property {Uint32Array} index tag number of each row, length n
 * @property {Int32Array} age how long before `serverTime` the source stamped the row [ms], length n
 * @property {Float64Array | Float32Array} value length n; NaN where there is no number
 * @property {Uint32Array} badPosition rows whose status is not Good
 * @property {Uint32Array} badStatus their OPC UA status codes
 * @property {Uint8Array} stale 1 where the row is stale, length n
 * @property {Map<number, string>} text text by row
 * @property {Uint32Array} equipment equipment numbers whose condition changed (all of them in a snapshot)
 * @property {Uint8Array} condition their conditions
 */

/**
 * Decodes one frame.
 *
 * @param {ArrayBuffer} buffer
 * @returns {StreamFrame}
 * @throws {FrameError} the bytes are cut, of another version, or contradict their header
 */
export function decodeFrame(buffer) {
  if (buffer.byteLength < HEADER_BYTES) {
    throw new FrameError(`frame of ${buffer.byteLength} bytes: shorter than its ${HEADER_BYTES}-byte header`);
  }
  const header = new DataView(buffer, 0, HEADER_BYTES);
  if (header.getUint32(0, true) !== MAGIC) throw new FrameError("frame does not start with PTST");
  const version = header.getUint8(4);
  if (version !== VERSION) {
    throw new FrameError(`frame version ${version}: this page knows ${VERSION}; reload it`);
  }
  const word = (/** @type {number} */ place) => header.getUint32(place, true);
  const [n, w, q, t, e] = [word(12), word(16), word(20), word(24), word(28)];
  const sections = new Sections(buffer, HEADER_BYTES);

  const index = sections.u32(n);
  const age = sections.i32(n);
  const narrow = sections.f32(n);
  const widePosition = sections.u32(w);
  const wideValue = sections.f64(w);
  const badPosition = sections.u32(q);
  const badStatus = sections.u32(q);
  const stale = sections.u8(n);
  const textPosition = sections.u32(t);
  const textLength = sections.u32(t);
  const text = decodeTexts(sections, textPosition, textLength);
  const equipment = sections.u32(e);
  const condition = sections.u8(e);

  return {
    snapshot: (header.getUint8(5) & FLAG_SNAPSHOT) !== 0,
    tick: word(8),
    serverTime: header.getFloat64(32, true),
    revision: header.getBigUint64(40, true).toString(16).padStart(16, "0"),
    index,
    age,
    value: widen(narrow, widePosition, wideValue),
    badPosition,
    badStatus,
    stale,
    text,
    equipment,
    condition,
  };
}

/**
 * Puts the values that a float32 cannot hold in their places.
 *
 * @param {Float32Array} narrow
 * @param {Uint32Array} position
 * @param {Float64Array} wide
 */
function widen(narrow, position, wide) {
  if (position.length === 0) return narrow;
  const value = Float64Array.from(narrow);
  for (let k = 0; k < position.length; k++) value[position[k]] = wide[k];
  return value;
}

/**
 * @param {Sections} sections
 * @param {Uint32Array} position
 * @param {Uint32Array} length
 * @returns {Map<number, string>}
 */
function decodeTexts(sections, position, length) {
  /** @type {Map<number, string>} */
  const texts = new Map();
  let total = 0;
  for (const bytes of length) total += bytes;
  const raw = sections.u8(total);
  const utf8 = new TextDecoder();
  let start = 0;
  for (let k = 0; k < position.length; k++) {
    texts.set(position[k], utf8.decode(raw.subarray(start, start + length[k])));
    start += length[k];
  }
  return texts;
}

/** Walks through the sections of a frame, refusing to step past its end. */
class Sections {
  /**
   * @param {ArrayBuffer} buffer
   * @param {number} offset
   */
  constructor(buffer, offset) {
    this.buffer = buffer;
    this.offset = offset;
  }

  /**
   * @param {number} bytes
   * @returns {number} where the section starts
   */
  take(bytes) {
    const start = this.offset;
    if (start + bytes > this.buffer.byteLength) {
      throw new FrameError(`frame of ${this.buffer.byteLength} bytes: its header promises ${start + bytes}`);
    }
    this.offset = Math.min(start + Math.ceil(bytes / 8) * 8, this.buffer.byteLength);
    return start;
  }

  /** @param {number} n */
  u8(n) {
    return new Uint8Array(this.buffer, this.take(n), n);
  }

  /** @param {number} n */
  u32(n) {
    return new Uint32Array(this.buffer, this.take(4 * n), n);
  }

  /** @param {number} n */
  i32(n) {
    return new Int32Array(this.buffer, this.take(4 * n), n);
  }

  /** @param {number} n */
  f32(n) {
    return new Float32Array(this.buffer, this.take(4 * n), n);
  }

  /** @param {number} n */
  f64(n) {
    return new Float64Array(this.buffer, this.take(8 * n), n);
  }
}

/** Folding of text for search: without case and without Vietnamese diacritics. Pure. */

/**
 * Folds a text, so that "lo han" finds "Lò hàn" and "dong ho" finds "Đồng Hồ".
 *
 * @param {string} text
 */
export function fold(text) {
  return text
    .normalize("NFD")
    .replace(/\p{Mark}/gu, "")
    .replace(/đ/gi, "d")
    .toLowerCase()
    .trim();
}

/**
 * True if every word of the query stands somewhere in the folded text, in any order.
 *
 * @param {string} folded what {@link fold} made of the text
 * @param {string} query as typed
 */
export function matches(folded, query) {
  return fold(query).split(/\s+/).every((word) => folded.includes(word));
}

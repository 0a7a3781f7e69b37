/**
 * The words of the page. Every text a person reads comes from `locales/<language>.json`; Vietnamese is the default.
 * Pure but for the two functions that remember the choice.
 */

/** @typedef {"vi" | "en"} Language */
/** @typedef {Record<string, string>} Messages */
/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

/** @type {readonly Language[]} */
export const LANGUAGES = Object.freeze(/** @type {Language[]} */ (["vi", "en"]));

const STORED = "parktwin.language";

/**
 * Makes the function that says a text. `{name}` in a text is replaced by the value of that name; where `n` is given
 * and the language has a form for it, `<key>.one` is used instead.
 *
 * @param {Messages} messages
 * @param {Language} language
 * @returns {Translate}
 */
export function translator(messages, language) {
  const plural = new Intl.PluralRules(language);
  return (key, values = {}) => {
    const one = typeof values.n === "number" && plural.select(values.n) === "one" ? messages[`${key}.one`] : undefined;
    const text = one ?? messages[key];
    if (text === undefined) throw new Error(`no text ${key} in locale ${language}; add it to locales/*.json`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  };
}

/**
 * Chooses the language: `?lang=` first, then what was chosen before, then Vietnamese.
 *
 * @param {string} query of the address
 * @param {string | null} stored
 * @returns {Language}
 */
export function chooseLanguage(query, stored) {
  for (const wanted of [new URLSearchParams(query).get("lang"), stored]) {
    const found = LANGUAGES.find((language) => language === wanted);
    if (found) return found;
  }
  return "vi";
}

/** @returns {Language} */
export function rememberedLanguage() {
  return chooseLanguage(location.search, localStorage.getItem(STORED));
}

/** @param {Language} language */
export function rememberLanguage(language) {
  localStorage.setItem(STORED, language);
  const address = new URL(location.href);
  if (address.searchParams.has("lang")) {
    address.searchParams.set("lang", language);
    history.replaceState(null, "", address);
  }
}

/** What was read of each language. @type {Map<Language, Messages>} */
const read = new Map();

/**
 * @param {Language} language
 * @returns {Promise<Messages>}
 */
export async function loadMessages(language) {
  const known = read.get(language);
  if (known) return known;
  const response = await fetch(new URL(`../locales/${language}.json`, import.meta.url));
  if (!response.ok) throw new Error(`locale ${language}: the server answered ${response.status}`);
  /** @type {Messages} */
  const messages = await response.json();
  read.set(language, messages);
  return messages;
}

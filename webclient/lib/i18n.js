// Every text of every page, by key. Vietnamese by default, English by switch, remembered on this computer.
//
// `language` is a signal: a component that calls t() is drawn again when it changes. Only the chosen language is
// loaded; {name} places are filled from the parameters, {name|one|more} with the first form for the number 1, else with
// the second. A page with many texts of its own adds them (`addTexts`), so that a candidate on a phone does not load
// what only the office reads.

import { signal } from "@preact/signals";

import { keep, recall } from "./memory.js";

const STORAGE_KEY = "proctor.language";
const texts = {};
const title = document.querySelector("title");
const titles = { vi: title?.text, en: title?.dataset.en };

export const LANGUAGES = ["vi", "en"];
export const language = signal("vi");

const load = {
  vi: () => import("../lang/vi.js"),
  en: () => import("../lang/en.js"),
};

const parts = []; // as `load`, of the texts that were added

/** Change the language of this page and remember it. */
export async function setLanguage(code) {
  texts[code] ??= Object.assign({}, ...await Promise.all([load, ...parts].map(async (part) => (await part[code]()).default)));
  language.value = code;
  document.documentElement.lang = code;
  document.title = titles[code];
  keep(STORAGE_KEY, code);
}

/** Add texts that only this page needs: `{vi, en}`, each a function that imports them. Before the first drawing. */
export async function addTexts(part) {
  parts.push(part);
  await Promise.all(Object.keys(texts).map(async (code) => Object.assign(texts[code], (await part[code]()).default)));
}

/** The text of `key` in the page's language; a missing key shows itself, so that it is noticed. */
export function t(key, parameters = {}) {
  const text = texts[language.value]?.[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (_, name, one, more) => (
    one === undefined ? parameters[name] ?? "" : Number(parameters[name]) === 1 ? one : more));
}

/** A number with so many decimals, with the decimal sign of the page's language. */
export const decimals = (value, digits) => value.toFixed(digits).replace(".", language.value === "vi" ? "," : ".");

/** A whole number with the thousands set apart as the page's language does. */
export const grouped = (value) => value.toLocaleString(language.value);

/** The size of a file as it is written everywhere. */
export const fileSize = (bytes) => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${decimals(bytes / 1024 / 1024, 1)} MB`);

/** True when a text of that key exists. */
export const hasText = (key) => texts[language.value]?.[key] !== undefined;

/** The sentence of a refusal as the server writes it into what it tells: `{code, vi, en, details}`, or nothing. */
export const refusalText = (refusal) => refusal?.[language.value];

/** What to tell a person about an error: the server's own sentence, or ours for what never reached it. */
export function errorText(error) {
  const sentence = error.sentences?.[language.value];
  if (sentence) return sentence;
  return hasText(`error.${error.code}`) ? t(`error.${error.code}`) : t("error.unknown", { code: error.code ?? error.message });
}

const remembered = recall(STORAGE_KEY);
await setLanguage(LANGUAGES.includes(remembered) ? remembered : "vi");

// The receipt: a reporter's whole identity on the hub, and what is derived from it.
// The same functions as receipts.py, held to the same vectors (tests/vectors/receipts.json).
import { words } from "./words.js";

const WORDS = 8, DIGITS = 32, GROUP = 4, LONGEST_INPUT = 200;
const digitLike = { o: "0", i: "1", l: "1" }, letterLike = { 0: "o", 1: "l", i: "l" };
const translated = (text, map) => text.replace(/./g, (c) => map[c] ?? c);
const known = new Set(words.map((word) => translated(word, letterLike)));

/** A uniform number below `bound` (at most 65536) from the browser's cryptographic source. */
function below(bound) {
  const limit = 65536 - (65536 % bound);
  const drawn = new Uint16Array(1);
  do crypto.getRandomValues(drawn); while (drawn[0] >= limit);
  return drawn[0] % bound;
}

/** A fresh receipt of eight words. */
export function newWords() {
  return Array.from({ length: WORDS }, () => words[below(words.length)]).join(" ");
}

/** A fresh receipt of 32 digits in groups of four. */
export function newDigits() {
  const groups = Array.from({ length: DIGITS / GROUP }, () => below(10 ** GROUP));
  return groups.map((g) => String(g).padStart(GROUP, "0")).join(" ");
}

function folded(text) {
  return text.normalize("NFKC").replace(/[^A-Za-z0-9]/g, "").toLowerCase();
}

/** The one form in which a receipt is hashed; "" when nothing usable was typed. */
export function normalise(typed) {
  const kept = folded(Array.from(typed).slice(0, LONGEST_INPUT).join(""));
  const asDigits = translated(kept, digitLike);
  return /^[0-9]+$/.test(asDigits) ? asDigits : translated(kept, letterLike);
}

/** Could this be a receipt of this hub? Says so without asking the hub. */
export function isReceipt(typed) {
  const form = normalise(typed);
  if (/^[0-9]+$/.test(form)) return form.length === DIGITS;
  const cut = Array.from(typed).slice(0, LONGEST_INPUT).join("").toLowerCase();
  const spelled = cut.split(/[^a-z0-9]+/).filter(Boolean);
  return spelled.length === WORDS && spelled.every((w) => known.has(translated(w, letterLike)));
}

/** Derive {id, wrap} in hexadecimal with HKDF-SHA-256 under the deployment's salt. */
export async function derive(typed, saltHex) {
  const salt = Uint8Array.from(saltHex.match(/../g), (pair) => parseInt(pair, 16));
  const source = new TextEncoder().encode(normalise(typed));
  const key = await crypto.subtle.importKey("raw", source, "HKDF", false, ["deriveBits"]);
  const expand = async (info) => {
    const parameters = { name: "HKDF", hash: "SHA-256", salt, info: new TextEncoder().encode(info) };
    const bits = new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
    return Array.from(bits, (b) => b.toString(16).padStart(2, "0")).join("");
  };
  return { id: await expand("id"), wrap: await expand("wrap") };
}

/** Does a text contain the receipt, however spaced? Such a text is never sealed or sent. */
export function appearsIn(text, receipt) {
  const needle = normalise(receipt), plain = folded(text);
  return needle !== "" &&
    (translated(plain, letterLike).includes(needle) || translated(plain, digitLike).includes(needle));
}

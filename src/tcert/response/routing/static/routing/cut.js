// Cuts a line to what tells whose it is, before it leaves the browser. The same rule as pasted.py,
// which cuts what comes from a browser without scripts; tests hold one against the other.

const OF_IMSI = 6;
const OF_IMEI = 8;
const OF_NUMBER = 4;
const HIDDEN = 6;
const LONGEST = 15;
const DIGITS_OF_IMSI = [14, 15, 16];
const DEVICE = /^(01|35|86|91|99)/;
const TEL = /^tel:\s?/i;
const WITH_SEPARATORS = /^\+?[0-9(][0-9 ./()-]*[0-9]$/;
const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const NO_NUMBER = new RegExp(
  `^(?:(?:(?:[0-9a-f]{0,4}:){2,7})?${OCTET}(?:\\.${OCTET}){3}(?:/[0-9]{1,3})?` + // an address
  "|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:/[0-9]{1,3})?" +
  `|(?:${OCTET}\\.){1,4}in-addr\\.arpa\\.?` +
  "|[0-9]{3}[- /]?[0-9]{2,3}" + // a network code
  "|[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,3}" + // a point code
  // a cell, a tracking area; nine digits without a letter may be an IMSI that was written apart
  "|[0-9]{3}-[0-9]{2,3}-(?![0-9]{8,9}$)[0-9a-f]{4,9}" +
  "|as[n]? ?[0-9]{1,10}|[0-9]{1,8}|(?:cpe:|pkg:).*)$", "i");
const ENUM = /\.e164\.arpa\.?$/i;
const PARTED = new RegExp(
  "\\p{Nd}(?:[ \\t\\u00a0\\u2000-\\u200f\\u2010-\\u2015\\u202a-\\u202f\\u2060-\\u206f\\u2212,./()_\\-]*" +
  "\\p{Nd}){6,}", "gu");
const TEMPORARY = /^(guti-.*-|5g-guti-[0-9]{5,6}[0-9a-f]{6})([0-9a-f]{8}|x{8})$/i;
const SUCI = /^(suci-(?:[^-]*-){6})([^-]+)$/i;
const IMSI = /^(imsi-)([0-9]+)$/i;
const IMEI = /^imei(?:sv)?-([0-9 -]+)$/i;
const TITLE = /^(\+?)([0-9]+)((?:;(?:np|nai)=[0-9]+)+)$/i;
const CUT = /^(imsi-)?(\+?)([0-9]{4,16})(x{1,12})$/i;
const EDGES = /^[ \t\r\n]+|[ \t\r\n]+$/g;

const hidden = (text) => "x".repeat([...text].length);
const kept = (digits, count) => digits.slice(0, count) + hidden(digits.slice(count));
const ofNumber = (digits) =>
  kept(digits, Math.max(Math.min(digits.length, LONGEST) - HIDDEN, OF_NUMBER));
const after = (text, count) => {
  let digits = 0;
  return text.replace(/\p{Nd}/gu, (digit) => (digits++ < count ? digit : "x"));
};
const runs = (text) =>
  ENUM.test(text) ? "x.e164.arpa" : text.replace(PARTED, (run) => after(run, OF_IMSI));

// An IMEI with its check digit (Luhn), or an IMEISV, and no IMSI.
const isDevice = (digits) => {
  if (!DEVICE.test(digits) || digits.length === 14) return false;
  const doubled = [...digits].map((digit, n) => Number(digit) * (1 + (n % 2)));
  const sum = doubled.reduce((all, n) => all + Math.floor(n / 10) + (n % 10), 0);
  return digits.length === 16 || sum % 10 === 0;
};

const number = (text, titles) => {
  const digits = text.replace(/[ ./()-]/g, "");
  let cut;
  if (digits.startsWith("+")) cut = titles ? digits : `+${ofNumber(digits.slice(1))}`;
  else if (!DIGITS_OF_IMSI.includes(digits.length)) cut = titles ? digits : ofNumber(digits);
  else cut = kept(digits, isDevice(digits) ? OF_IMEI : OF_IMSI);
  return cut.includes("x") ? cut : text;
};

const again = (isImsi, plus, digits) => {
  if (isImsi) return kept(digits, OF_IMSI);
  const isLong = !plus && DIGITS_OF_IMSI.includes(digits.length);
  return isLong ? kept(digits, OF_IMEI) : ofNumber(digits);
};

export const cutLine = (line, titles) => {
  const text = line.replace(EDGES, "").replace(TEL, "");
  const at = text.lastIndexOf("@");
  if (at >= 0) return `${at ? "x" : ""}@${runs(text.slice(at + 1))}`;
  let match = CUT.exec(text);
  if (match) return (match[1] ?? "") + match[2] + again(match[1], match[2], match[3] + match[4]);
  match = TEMPORARY.exec(text) ?? SUCI.exec(text);
  if (match) return match[1] + hidden(match[2]);
  match = IMSI.exec(text);
  if (match) return match[1] + kept(match[2], OF_IMSI);
  match = IMEI.exec(text);
  if (match) return kept(match[1].replace(/[ -]/g, ""), OF_IMEI);
  match = TITLE.exec(text);
  if (match) return match[1] + kept(match[2], OF_IMSI) + match[3];
  if (NO_NUMBER.test(text)) return text;
  return WITH_SEPARATORS.test(text) ? number(text, titles) : runs(text);
};

export const cut = (text, titles) =>
  text.split(/\r\n|\r|\n/).map((line) => cutLine(line, titles)).join("\n");

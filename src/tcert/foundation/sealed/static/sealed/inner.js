/**
 * The text inside a sealed message: header lines, then the body. The same as `sealed/inner.py`;
 * `tests/vectors/inner.json` holds both to one meaning.
 *
 *     const text = compose({ subject, thread, kind, author, counter, previous, recipients, tlp, person,
 *                            files: [{ name, size, sha256, sealed_sha256, passphrase }], body });
 *     const inner = parse(text);                   // the same fields; raises InnerRefused
 *     differences(inner, { subject, thread, author, recipients })   → names that contradict the hub
 *     writeHandover(note, signedBytes) → body;  readHandover(body) → { note, signed }
 *     await bodyHash(message)                      → `previous` of the next message
 *     sequenceProblems([{ inner, sha256 }, …])     → what is missing, doubled or out of order
 *
 * Fingerprints are upper hex, hashes lower hex, `previous` is null for a thread's first message.
 * `person` names who wrote for the team whose key signs: the author's own claim, which proves nothing
 * about the person. It is empty where the line is absent, as in all that reporters write.
 */

const FORMAT = "1";
const BUCKET = 1024;
const MAX_FILES = 50;
const MAX_TEXT = 4 * 1024 * 1024;
const BEGIN = "-----BEGIN PGP MESSAGE-----";
const END = "-----END PGP MESSAGE-----";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const FINGERPRINT = "(?:[0-9A-F]{40}|[0-9A-F]{64})";
const SHA256 = "[0-9a-f]{64}";
const whole = (pattern) => new RegExp(`^(?:${pattern})$`, "u");

const SIMPLE = [
  ["Subject", "subject", whole(`[a-z][a-z\\-]{0,30}:${UUID}`)],
  ["Thread", "thread", whole(UUID)],
  ["Kind", "kind", whole("facts|handover|message|remark|title|wishes")],
  ["Author", "author", whole(FINGERPRINT)],
  ["Counter", "counter", whole("[1-9][0-9]{0,8}")],
  ["Previous", "previous", whole(`-|${SHA256}`)],
  ["Recipients", "recipients", whole(`${FINGERPRINT}(?:,${FINGERPRINT})*`)],
  ["TLP", "tlp", whole("CLEAR|GREEN|AMBER|AMBER\\+STRICT|RED")],
];

// What shows nothing, breaks a line or turns the writing direction has no place in a person's name;
// spelled out, because what Unicode counts among these differs from one release to the next.
const UNNAMED =
  "\\x00-\\x1f\\x7f-\\xa0\\xad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f" +
  "\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ud800-\\udfff\\ufe00-\\ufe0f\\ufeff\\uffa0" +
  "\\ufff0-\\uffff\\u{e0000}-\\u{e0fff}";
const PERSON = whole(`[^ ${UNNAMED}](?: ?[^ ${UNNAMED}]){0,119}`);

const isText = (value, pattern) => typeof value === "string" && pattern.test(value);
const FILE_FIELDS = [
  ["name", (value) => isText(value, /^[^\x00-\x1f\x7f/\\\p{Surrogate}]{1,255}$/u)],
  ["size", (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 40],
  ["sha256", (value) => isText(value, whole(SHA256))],
  ["sealed_sha256", (value) => isText(value, whole(SHA256))],
  ["passphrase", (value) => isText(value, /^[\x21-\x7e]{20,200}$/u)],
];

/** An opened text is not a message of this format; `line` names the line at fault. */
export class InnerRefused extends Error {
  constructor(line) {
    super(`This message is not in the hub's form (${line}).`);
    this.name = "InnerRefused";
    this.line = line;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const byteLength = (text) => encoder.encode(text).length;
/** One line end, and no half characters that encoding would change. */
const lineEnds = (text) => decoder.decode(encoder.encode(text)).replace(/\r\n?/g, "\n");

function bucket(size) {
  let next = BUCKET;
  while (next < size) next *= 2;
  return next;
}

function checkedFile(fields) {
  const names = Object.keys(fields);
  if (names.length !== FILE_FIELDS.length || names.some((name, at) => name !== FILE_FIELDS[at][0])) {
    throw new InnerRefused("File");
  }
  for (const [name, check] of FILE_FIELDS) {
    if (!check(fields[name])) throw new InnerRefused("File");
  }
  return JSON.stringify(fields);
}

export function compose(inner) {
  const recipients = [...inner.recipients].sort();
  const written = {
    ...inner,
    counter: String(inner.counter),
    previous: inner.previous || "-",
    recipients: recipients.join(","),
  };
  const lines = [`TCERT-Message: ${FORMAT}`];
  for (const [name, field, pattern] of SIMPLE) {
    if (!isText(written[field], pattern)) throw new InnerRefused(name);
    lines.push(`${name}: ${written[field]}`);
  }
  if (new Set(recipients).size !== recipients.length) throw new InnerRefused("Recipients");
  if (inner.person) {
    if (!isText(inner.person, PERSON)) throw new InnerRefused("Person");
    lines.push(`Person: ${inner.person}`);
  }
  const files = inner.files ?? [];
  if (files.length > MAX_FILES) throw new InnerRefused("File");
  for (const file of files) {
    // In the format's own order, whatever order the caller's object has.
    const ordered = Object.fromEntries(FILE_FIELDS.map(([name]) => [name, file[name]]));
    lines.push(`File: ${checkedFile(ordered)}`);
  }
  const head = `${lines.join("\n")}\nPad: `;
  const tail = `\n\n${lineEnds(inner.body ?? "")}`;
  const size = byteLength(head) + byteLength(tail);
  if (size > MAX_TEXT) throw new InnerRefused("body");
  return head + "x".repeat(bucket(size) - size) + tail;
}

function valueOf(lines, at, name) {
  const start = `${name}: `;
  if (at >= lines.length || !lines[at].startsWith(start)) throw new InnerRefused(name);
  return lines[at].slice(start.length);
}

function fileOf(lines, at) {
  const raw = valueOf(lines, at, "File");
  let fields;
  try {
    fields = JSON.parse(raw);
  } catch {
    throw new InnerRefused("File");
  }
  const isObject = typeof fields === "object" && fields !== null && !Array.isArray(fields);
  if (!isObject || checkedFile(fields) !== raw) throw new InnerRefused("File");
  return fields;
}

export function parse(given) {
  const text = lineEnds(given.replace(/^\ufeff/u, ""));
  const end = text.indexOf("\n\n");
  const lines = text.slice(0, Math.max(end, 0)).split("\n");
  if (end < 0 || lines[0] !== `TCERT-Message: ${FORMAT}`) throw new InnerRefused("TCERT-Message");
  const values = {};
  SIMPLE.forEach(([name, field, pattern], at) => {
    values[field] = valueOf(lines, at + 1, name);
    if (!pattern.test(values[field])) throw new InnerRefused(name);
  });
  const recipients = values.recipients.split(",");
  if ([...new Set(recipients)].sort().join(",") !== values.recipients) {
    throw new InnerRefused("Recipients");
  }
  const rest = lines.slice(SIMPLE.length + 1);
  if (rest.length === 0 || !/^Pad: ?x*$/u.test(rest.at(-1))) throw new InnerRefused("Pad");
  let person = "";
  if (rest[0].startsWith("Person:")) {
    person = valueOf(rest, 0, "Person");
    if (!PERSON.test(person)) throw new InnerRefused("Person");
    rest.shift();
  }
  if (rest.length - 1 > MAX_FILES) throw new InnerRefused("File");
  return {
    ...values,
    counter: Number(values.counter),
    previous: values.previous === "-" ? null : values.previous,
    recipients,
    person,
    files: rest.slice(0, -1).map((_line, at) => fileOf(rest, at)),
    body: text.slice(end + 2),
  };
}

/** Whether a text hides its length in a bucket. */
export function isPadded(text) {
  const size = byteLength(text);
  return size === bucket(size);
}

const flat = (value) => (Array.isArray(value) ? [...value].sort().join(",") : String(value ?? ""));

/** Names of the claimed fields that the signed header contradicts, in the claim's order. */
export function differences(inner, claim) {
  return Object.keys(claim).filter((name) => flat(inner[name]) !== flat(claim[name]));
}

/** The armour's checksum, which GnuPG 2.2 wants to see (RFC 9580, section 6.1.1). */
function crc24(bytes) {
  let crc = 0xb704ce;
  for (const octet of bytes) {
    crc ^= octet << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return [crc >> 16, (crc >> 8) & 0xff, crc & 0xff];
}

/** The body of a hand-over: the sender's note and the original signed message. */
export function writeHandover(note, signed) {
  if (note.includes(BEGIN)) throw new InnerRefused("body");
  let binary = "";
  for (let at = 0; at < signed.length; at += 32768) {
    binary += String.fromCharCode(...signed.subarray(at, at + 32768));
  }
  const lines = btoa(binary).match(/.{1,64}/g) ?? [];
  const checksum = `=${btoa(String.fromCharCode(...crc24(signed)))}`;
  const words = lineEnds(note).replace(/^\n+|\n+$/g, "");
  return [words, "", BEGIN, "", ...lines, checksum, END, ""].join("\n");
}

const BLOCK = new RegExp(
  `^(?:[A-Za-z]+: [^\\n]*\\n)*[ \\t]*\\n([A-Za-z0-9+/=\\s]+?)(?:\\n=[A-Za-z0-9+/]{4}\\s*)?${END}\\s*$`,
);

/** The note and the original signed message of a hand-over's body. */
export function readHandover(given) {
  const body = lineEnds(given);
  const begin = body.indexOf(`\n\n${BEGIN}\n`);
  const block = begin < 0 ? null : BLOCK.exec(body.slice(begin + BEGIN.length + 3));
  const text = block ? block[1].replace(/\s/g, "") : "!";
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new InnerRefused("body");
  }
  const signed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return { note: body.slice(0, begin), signed };
}

/** Start and end of the packet at `at`; the hub frames packets in the new format, in one piece. */
function packetAt(bytes, at) {
  const first = bytes[at + 1];
  let start;
  let size;
  if (first < 192) [size, start] = [first, at + 2];
  else if (first < 224) [size, start] = [((first - 192) << 8) + bytes[at + 2] + 192, at + 3];
  else if (first === 255) [size, start] = [new DataView(bytes.buffer, bytes.byteOffset + at + 2).getUint32(0), at + 6];
  else throw new InnerRefused("packet");
  if (!(bytes[at] & 0x80) || !(bytes[at] & 0x40) || start + size > bytes.length) throw new InnerRefused("packet");
  return { tag: bytes[at] & 0x3f, end: start + size };
}

/**
 * SHA-256 of a served message's body packet: what the hub calls the message's hash, and what the
 * next message names in `previous`. It is the same for every recipient.
 */
export async function bodyHash(message) {
  let at = 0;
  while (at < message.length) {
    const { tag, end } = packetAt(message, at);
    if (tag === 18 && end === message.length) {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", message.slice(at)));
      return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }
    if (tag !== 1) break;
    at = end;
  }
  throw new InnerRefused("packet");
}

/**
 * A whole thread as `sequenceProblems` takes it, of which a page and a few more were opened.
 * `chain` is what the hub claims of all messages, oldest first, each `[sha256, author]`; `opened`
 * maps a claimed hash to what was opened, `{ inner, sha256 }`, and to null when that failed. What
 * nobody tried to open, because it stands on another page, stays as the hub claims it: a message
 * that was taken away leaves its author's counters one short, wherever it stood.
 */
export function wholeThread(chain, opened) {
  return chain.flatMap(([sha256, author]) => {
    if (!opened.has(sha256)) return [{ inner: null, sha256, author }];
    const found = opened.get(sha256);
    return found?.inner ? [{ inner: found.inner, sha256: found.sha256, author }] : [];
  });
}

/**
 * What a thread's signed headers say against the order and completeness that the hub shows.
 * Takes messages in the hub's order, each `{ inner, sha256 }`, or `{ inner: null, sha256, author }`
 * for one that was not opened and is taken for the author's next; returns
 * `[{ at, problem, detail }]` with problem "missing" (the author's counter skips; `detail` is how
 * many), "repeated" (the counter is not above the author's last), "unknown-previous" (it answers a
 * message that the hub does not show) or "later-previous" (it answers one that the hub shows after).
 * A reader who joined later sees skips at the author's first message: those are not reported.
 */
export function sequenceProblems(messages) {
  const problems = [];
  const last = new Map();
  const places = new Map(messages.map(({ sha256 }, at) => [sha256, at]));
  messages.forEach(({ inner, author }, at) => {
    const before = last.get(inner ? inner.author : author);
    if (!inner) {
      if (before !== undefined) last.set(author, before + 1);
      return;
    }
    if (before !== undefined && inner.counter <= before) {
      problems.push({ at, problem: "repeated", detail: inner.counter });
    } else if (before !== undefined && inner.counter > before + 1) {
      problems.push({ at, problem: "missing", detail: inner.counter - before - 1 });
    }
    last.set(inner.author, Math.max(before ?? 0, inner.counter));
    if (inner.previous === null) return;
    const place = places.get(inner.previous);
    if (place === undefined) {
      if (at > 0) problems.push({ at, problem: "unknown-previous", detail: inner.previous });
    } else if (place >= at) {
      problems.push({ at, problem: "later-previous", detail: inner.previous });
    }
  });
  return problems;
}

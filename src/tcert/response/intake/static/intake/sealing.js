// What the report and the mailbox share: the reporter's key, sealing, files, and talking to the hub.
import * as openpgp from "openpgp";
import { CryptoRefused, FILE_LIMIT, fromBase64, sealingWith, sha256, toBase64 } from "openpgp/common.js";
import * as inner from "sealed/inner.js";
import { render } from "sealed/markdown.js";
import { cleaned, Damaged, kind } from "./metadata.js";

export { CryptoRefused, fromBase64, sha256, toBase64 };
export const sealing = sealingWith(openpgp);
export const TOGETHER_LIMIT = 100 * 1024 * 1024;

// The same constants as openpgp/reporterkey.py: neither a key nor a signature tells when it was made.
const CREATED = new Date("2020-01-01T00:00:00Z"), USER_ID = "reporter";

/**
 * Is this page read under a name of the hub's own? A gateway shows it under another one, reads what is
 * typed, and rewrites the names in it: so they are given as hashes. Says it where it is not so.
 */
export async function isBetween(names) {
  const name = new TextEncoder().encode(location.hostname.toLowerCase());
  const between = !names.split(" ").includes(await sha256(name));
  document.getElementById("between").hidden = !between;
  if (between) document.getElementById("broken").hidden = true;
  return between;
}

/** A fresh key for one report: { key, fingerprint, certificate, secret } (binary). */
export async function createKey() {
  const { privateKey: key } = await openpgp.generateKey({
    type: "ecc", curve: "curve25519Legacy", userIDs: [{ name: USER_ID }], date: CREATED,
    format: "object", config: { ...openpgp.config, v6Keys: false, aeadProtect: false },
  });
  return { key, fingerprint: sealing.fingerprintOf(key), certificate: key.toPublic().write(), secret: key.write() };
}

/** The secret half as the hub keeps it: a password file under the receipt's wrap. */
export async function lockKey(secret, wrap) {
  return (await sealing.sealFile({ bytes: secret, passphrase: wrap })).sealed;
}

/** Undo `lockKey`. */
export async function unlockKey(sealed, wrap) {
  const secret = await sealing.openFile({ sealed, passphrase: wrap });
  return openpgp.readPrivateKey({ binaryKey: secret });
}

/**
 * Compose, sign and seal one message. `recipients` are [{ fingerprint, certificate }].
 *
 * The signature names the key's constant moment: a day could still tell who wrote about midnight, or
 * whose clock is wrong. `unscripted.py` does the same.
 */
export async function sealMessage(key, header, recipients) {
  const text = inner.compose({
    ...header,
    author: sealing.fingerprintOf(key),
    recipients: recipients.map((r) => r.fingerprint),
  });
  const certificates = recipients.map((r) => r.certificate);
  return sealing.seal({ text, certificates, signer: key, signedAt: CREATED });
}

/** Does a certificate have the fingerprint that was shown? Raises `changed-key`. */
export async function requireFingerprint(recipient, shown) {
  const { fingerprint } = await sealing.describe(recipient.certificate);
  if (fingerprint !== recipient.fingerprint || (shown && fingerprint !== shown)) {
    throw new CryptoRefused("changed-key", "The key is not the one that was shown.");
  }
}

/** Check a chosen file: raises `file-too-large`, else says of what kind it is. */
export async function look(file) {
  if (file.size > FILE_LIMIT) throw new CryptoRefused("file-too-large", file.name, { name: file.name });
  return kind(new Uint8Array(await file.slice(0, 2048).arrayBuffer()));
}

const plainName = (name) =>
  name.replace(/[/\\<>:"|?*\p{C}\p{Zl}\p{Zp}]/gu, "_").replace(/^[ .]+|[ .]+$/g, "").slice(-200) || "file";

/** Clean and seal one file: { attachment, sealed }. */
export async function sealFile(file, keepMetadata) {
  let bytes = new Uint8Array(await file.arrayBuffer());
  try {
    if (!keepMetadata) bytes = cleaned(bytes);
  } catch (error) {
    if (error instanceof Damaged) throw new CryptoRefused("damaged", file.name, { name: file.name });
    throw error;
  }
  const { sealed, passphrase, size, sha256: digest, sealedSha256 } = await sealing.sealFile({ bytes });
  return {
    sealed,
    attachment: { name: plainName(file.name), size, sha256: digest, sealed_sha256: sealedSha256, passphrase },
  };
}

/** What the page's own token became when its cookie had to be asked for again. */
let renewed = "";

/**
 * Ask the hub for a cookie and its token once more, without leaving the page and what is typed in it:
 * the reporter may have allowed cookies only now.
 */
async function renew() {
  try {
    const response = await fetch(location.pathname, { credentials: "same-origin", cache: "no-store", redirect: "error" });
    renewed = /data-csrf="([A-Za-z0-9]+)"/.exec(await response.text())?.[1] ?? renewed;
  } catch {
    throw new CryptoRefused("network", "The hub did not answer.");
  }
}

/** Post fields to the hub; raises CryptoRefused("network"), ("cookies"), or a refusal with the hub's words. */
export async function post(url, csrf, fields, again = true) {
  const body = new FormData();
  for (const [name, value] of fields) {
    if (value instanceof Uint8Array && name === "file") body.append(name, new Blob([value]), "sealed");
    else body.append(name, value instanceof Uint8Array ? toBase64(value) : value);
  }
  let response;
  try {
    response = await fetch(url, {
      method: "POST", body, headers: { "X-CSRFToken": renewed || csrf }, credentials: "same-origin",
      cache: "no-store", redirect: "error",
    });
  } catch {
    throw new CryptoRefused("network", "The hub did not answer.");
  }
  if (response.ok) return response;
  let told = null;
  try {
    told = await response.json();
  } catch {
    if (response.status !== 403) throw new CryptoRefused("network", `The hub answered ${response.status}.`);
    if (!again) throw new CryptoRefused("cookies", "The browser sent no cookie.");
    await renew();
    return post(url, csrf, fields, false);
  }
  throw new CryptoRefused("told", told.error, { code: told.code });
}

/** What was sealed for one text, its files and its readers: after a lost answer the same goes out. */
let prepared = null;

/** Open one of the reporter's own messages; null when it does not open. */
export async function readOwn(sealed, key) {
  try {
    const opened = await sealing.open({ message: fromBase64(sealed), keys: [key], authors: [key.toPublic()] });
    return opened.signatures.length === 1 && opened.signatures[0].valid ? inner.parse(opened.text ?? "") : null;
  } catch {
    return null;
  }
}

/** The newest message of the talk, delivered or waiting, if the reporter wrote it. */
async function newestOwn(box, key) {
  const last = box.messages.filter((m) => m.thread === box.thread).at(-1);
  const sealed = box.waiting.at(-1)?.sealed ?? (last?.own ? last.sealed : null);
  return sealed ? readOwn(sealed, key) : null;
}

/**
 * Seal a message with its files to the readers of the talk, and hand it over. `ask` posts with the
 * receipt's id, `told` has the addresses, `box` is the mailbox as the hub has just told it.
 *
 * False when the newest message is the same: its answer was lost, perhaps to a page that was loaded
 * anew since, and it is not stored twice.
 */
export async function writeMessage({ ask, told, key, box, text, files, keepMetadata = false }) {
  for (const reader of box.readers) await requireFingerprint(reader, "");
  const chosen = files.map(({ file }) => file);
  const mark = JSON.stringify([box.thread, text, keepMetadata, box.readers.map((r) => r.fingerprint)]);
  const same = prepared?.mark === mark && prepared.chosen.length === chosen.length &&
    prepared.chosen.every((file, at) => file === chosen[at]);
  if (!same) {
    prepared = null;
    const made = [];
    for (const file of chosen) made.push(await sealFile(file, keepMetadata));
    const attachments = made.map(({ attachment }) => attachment), before = await newestOwn(box, key);
    const is = (a, b) => a.name === b.name && a.sha256 === b.sha256;
    if (before?.body === text && attachments.every((one) => before.files.some((had) => is(one, had)))) return false;
    for (const { sealed } of made) await ask(told.keep, ["file", sealed]);
    const header = {
      subject: box.subject, thread: box.thread, kind: "message", tlp: "AMBER", counter: box.counter,
      previous: box.messages.filter((m) => m.thread === box.thread).at(-1)?.sha256 ?? null, files: attachments, body: text,
    };
    const sealed = await sealMessage(key, header, box.readers);
    prepared = { mark, chosen, fields: [
      ["version", String(box.version)], ["counter", String(box.counter)], ["sealed", sealed],
      ...attachments.map((a) => ["file", a.sealed_sha256]),
    ] };
  }
  try {
    await ask(told.post, ...prepared.fields);
  } catch (error) {
    if (error.code !== "network") prepared = null;
    throw error;
  }
  prepared = null;
  return true;
}

/** The page's own words for a refusal, translated in its template. */
export function explain(error) {
  if (error.code === "told") return error.message;
  const words = document.getElementById("words");
  const line = words.content.querySelector(`[data-code="${CSS.escape(error.code ?? "failed")}"]`) ??
    words.content.querySelector('[data-code="failed"]');
  const name = error.detail?.name;
  return (name ? `${name}: ` : "") + line.textContent;
}

/** Show opened text as its readers see it: built with DOM calls, never parsed as HTML. */
export function drawText(target, text) {
  target.replaceChildren(render(text));
  return target;
}

/** A file's size for people. */
export const size = (bytes) => bytes < 1048576
  ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;

export const word = (code) =>
  document.getElementById("words").content.querySelector(`[data-code="${code}"]`).textContent;

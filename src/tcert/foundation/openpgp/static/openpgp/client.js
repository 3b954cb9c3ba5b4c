/**
 * A page's door to the vault. The page has kind `PageKind.VAULT` and contains `{% vault_context %}`.
 *
 *     import { openCrypto, explain } from "openpgp/client.js";
 *
 *     const crypto = await openCrypto();
 *     crypto.state     "none" (no vault yet) | "locked" | "unlocked"
 *     crypto.teams     [{ team, name, fingerprint, certificate, state, opens, trouble }], all keys that this
 *                      person holds a share of; `opens` is null while locked
 *     crypto.signerOf(teamId)   the fingerprint of the active key that this person can sign with, or null
 *     crypto.addEventListener("locked", …)    fired when it locks (idle, another tab, signing out)
 *
 *     `#vault-context` then carries `data-ready`: its state, or "failed".
 *
 *     await crypto.needUnlocked()   shows "your vault is locked" with the way there, and raises `locked`
 *     await crypto.seal({ signer, recipients, text | bytes })  → Uint8Array, one binary OpenPGP message.
 *         Shows the dialogs for new and changed keys; raises `stopped` when the person stops there.
 *     await crypto.call(operation, payload)   any operation below; raises CryptoRefused(code, detail)
 *     explain(error)   the page's words for a refusal
 *
 * A *correspondent* is { kind: "team"|"person"|"reporter", id, label, certificate (armored),
 * verification (words for the dialog, "" if none), transitions: [{ oldFingerprint, newCertificate,
 * signature }] }. `directory.queries.correspondents` writes those of teams.
 *
 * Operations (payload → result):
 *   open         { message: Uint8Array|armored, authors: [correspondent] }
 *                → { text|null, bytes, signed, signatures: [{ fingerprint, keyId, created, valid, reason,
 *                    author: {kind,id,label}|null, pin: "match"|"past"|"signed"|"new"|"changed"|null }] }
 *                `signed` is the original signed message: a hand-over carries it inside a new message.
 *                Show anything but exactly one valid signature with pin match or past loudly.
 *   openSigned   { signed, authors } → as `open`, for what a hand-over carried
 *   sealFile     { bytes } → { sealed, passphrase, size, sha256, sealedSha256 }      (≤ 25 MB)
 *   openFile     { sealed, passphrase, size, sha256 } → { bytes }
 *   sign         { signer, text } → { signature }  detached, armored, by a team key
 *   verify       { text, signature, certificate } → { valid }
 *   describe     { certificate } → { fingerprint, userIds, created, expires, usable }
 *   lookAtPin    { correspondent } → { state, fingerprint, pinned }
 *   acceptPin    { correspondent, typed? } → the same; a changed key needs its fingerprint typed
 *   seal         { signer, recipients, text|bytes } → { message }; raises `pins` (use crypto.seal instead)
 *   crypto.passkeys  [{ id, salt }]: which passkeys open this vault, and the question to ask each
 *   lock, unlock { passphrase }, status, touch
 *   wrapForPasskey { answer } → base64; unlockByPasskey { id, answer }: see accounts/vault/prf.js
 *   makePersonal { name, email, passphrase } → { fingerprint, certificate, lockedSecret, kit }, then
 *   keepPersonal; changePassphrase { passphrase, newPassphrase } → { lockedSecret }; personalKit → kit
 *   makeTeamKey  { team, name, email, lifetimeSeconds, previous } → { fingerprint, certificate,
 *                sealedSecret, personalFingerprint, certification, transition, revocation, kit }
 *                `intakeSeconds` adds the desk's first intake key, which ends after that time
 *   rotateIntake { fingerprint, holders: [{ person, certification }], lifetimeSeconds } →
 *                { certificate, shares: [{ person, sealedSecret }], kit }
 *   shareTeamKey { fingerprint, certificate } → { personalFingerprint, sealedSecret, certification }
 *   isCertified  { certificate, by } → boolean; teamKit { fingerprint } → kit
 *   revokeTeamKey { fingerprint, reason: lost|superseded|retired } → { certificate }
 *   testKit      { armored, passphrase, team, fingerprint, challenge } → { fingerprint, signature }
 *   restoreTeamKey  the same → { fingerprint, signature, sealedSecret, certification }
 *   restorePersonal { armored, passphrase, newPassphrase } → { lockedSecret }
 * Binary values are Uint8Array, except that what the hub stores as text travels in base64
 * (lockedSecret, sealedSecret). A kit is { armored, passphrase, fingerprint }.
 */
import { CryptoRefused } from "./common.js";
import { settlePins, tellLocked } from "./pins.js";

export { CryptoRefused, spellFingerprint, toBase64, fromBase64 } from "./common.js";

const WORKER = new URL("./worker.js", import.meta.url);
const TOUCH_EVERY = 10_000;
const ASK_EVERY = 60_000;

let policy = null;

/** The one address that this page may start a worker from. */
function workerUrl() {
  if (WORKER.origin !== location.origin) throw new CryptoRefused("foreign-worker", "Wrong address.");
  if (!window.trustedTypes) return WORKER.href;
  policy ??= window.trustedTypes.createPolicy("worker-url", {
    createScriptURL(url) {
      if (url !== WORKER.href) throw new TypeError("only the vault's own worker");
      return url;
    },
  });
  return policy.createScriptURL(WORKER.href);
}

class Vault extends EventTarget {
  #worker;
  #waiting = new Map();
  #last = 0;
  #failed = false;
  #context;
  state = "none";
  fingerprint = null;
  teams = [];
  passkeys = [];

  constructor(context) {
    super();
    this.#context = context;
    this.#worker = new Worker(workerUrl(), { type: "module", name: "vault" });
    this.#worker.onmessage = ({ data }) => this.#hear(data);
    this.#worker.onerror = () => this.#fail();
    for (const kind of ["pointerdown", "keydown"]) {
      addEventListener(kind, () => this.#stir(), { passive: true });
    }
    document.addEventListener("visibilitychange", () => this.#askSession());
    setInterval(() => this.#askSession(), ASK_EVERY);
    addEventListener("submit", (event) => this.#leave(event), { capture: true });
  }

  /** Lock when the sign-in session has ended elsewhere: in another tab, or by “end all sessions”. */
  async #askSession() {
    if (this.state !== "unlocked" || document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(this.#context.keysUrl, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok || answer.redirected) await this.call("lock");
    } catch {
      // No connection says nothing about the session; the idle time still runs.
    }
  }

  /** Signing out locks first, so that no other tab keeps the vault open. */
  async #leave(event) {
    const form = event.target;
    if (this.state !== "unlocked" || new URL(form.action).pathname !== this.#context.signOutUrl) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await this.call("lock").catch(() => {});
    form.submit();
  }

  #hear({ id, event, result, error }) {
    if (event === "locked") {
      this.state = "locked";
      this.teams = this.teams.map((team) => ({ ...team, opens: null }));
      this.dispatchEvent(new Event("locked"));
      return;
    }
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) reject(new CryptoRefused(error.code, error.message, error.detail));
    else resolve(result);
  }

  /** The worker could not load or died: everything that waits is refused, nothing is sent. */
  #fail() {
    this.#failed = true;
    for (const { reject } of this.#waiting.values()) {
      reject(new CryptoRefused("worker-failed", "The vault could not start in this browser."));
    }
    this.#waiting.clear();
  }

  #stir() {
    if (this.state !== "unlocked" || Date.now() - this.#last < TOUCH_EVERY) return;
    this.#last = Date.now();
    this.call("touch").catch(() => {});
  }

  async call(op, payload = {}) {
    if (this.#failed) throw new CryptoRefused("worker-failed", "The vault has stopped working.");
    const id = crypto.randomUUID();
    const result = await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, op, payload });
    });
    if (["start", "status", "lock", "unlock", "unlockByPasskey"].includes(op)) {
      Object.assign(this, result);
    }
    return result;
  }

  signerOf(team) {
    const key = this.teams.find((one) => one.team === team && one.state === "active" && one.opens);
    return key?.fingerprint ?? null;
  }

  /** Where to unlock, with the way back to this page. */
  get unlockUrl() {
    const { createUrl, unlockUrl } = this.#context;
    const next = encodeURIComponent(location.pathname + location.search);
    return `${this.state === "none" ? createUrl : unlockUrl}?next=${next}`;
  }

  async needUnlocked() {
    if (this.state === "unlocked") return;
    await tellLocked(this.unlockUrl);
    throw new CryptoRefused("locked", "Your vault is locked.");
  }

  async seal(payload) {
    await this.needUnlocked();
    // Each round settles what was found; a key that changes in between is found again.
    for (let round = 0; round < 5; round += 1) {
      try {
        return (await this.call("seal", payload)).message;
      } catch (error) {
        if (error.code !== "pins") throw error;
        if (!(await settlePins(this, error.detail.pins))) break;
      }
    }
    throw new CryptoRefused("stopped", "You stopped here; nothing was sent.");
  }
}

let opening = null;

/**
 * Start the vault on this page, once: every script of the page gets the same one.
 * Raises CryptoRefused when the browser cannot.
 */
export function openCrypto() {
  opening ??= start().catch((error) => {
    opening = null;
    document.getElementById("vault-context")?.setAttribute("data-ready", "failed");
    throw error;
  });
  return opening;
}

async function start() {
  const element = document.getElementById("vault-context");
  if (!element) throw new CryptoRefused("no-context", "This page was not made for the vault.");
  if (!globalThis.isSecureContext || !crypto.subtle) {
    throw new CryptoRefused("insecure", "The vault needs a secure connection (HTTPS).");
  }
  const context = { ...element.dataset };
  const response = await fetch(context.keysUrl, { credentials: "same-origin", cache: "no-store" });
  if (!response.ok) throw new CryptoRefused("keys-unavailable", "The hub did not send your keys.");
  const { vault, teams } = await response.json();
  const opened = new Vault(context);
  await opened.call("start", {
    person: context.person,
    salt: context.salt,
    now: context.now,
    idleSeconds: Number(context.idleSeconds),
    vault,
    teams,
  });
  element.dataset.ready = opened.state;
  return opened;
}

/** The page's words for a refusal: from its template, where they are translated. */
export function explain(error) {
  const code = error instanceof CryptoRefused ? error.code : "failed";
  const words = document.getElementById("vault-words");
  const line = words?.content.querySelector(`[data-code="${CSS.escape(code)}"]`);
  return line?.textContent.trim() ?? error.message;
}

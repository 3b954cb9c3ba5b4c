/**
 * Sealing, opening and checking with OpenPGP.js, the same in the vault's worker and on a reporter's
 * page. The library is handed in, because a document imports it by the bare name `openpgp` (bound by
 * the import map's integrity) and the worker by its path:
 *
 *     import * as openpgp from "openpgp";
 *     import { sealingWith } from "./common.js";
 *     const sealing = sealingWith(openpgp);
 *     const bytes = await sealing.seal({ text, certificates: [armored, …] });
 *
 * Every function raises `CryptoRefused` with a `code` that pages turn into words; none falls back to
 * clear text, and none returns a part of what it could not finish.
 */

export const FILE_LIMIT = 25 * 1024 * 1024;
const MESSAGE_LIMIT = 4 * 1024 * 1024;
/** What a message may grow to when a sender compressed it against our advice. */
const INFLATED_LIMIT = 8 * 1024 * 1024;
/** Free of look-alikes: no 0/O, 1/I/L, no U. 30 characters; drawn by rejection, so unbiased. */
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A refusal with a code for the page's words; `detail` never holds a secret. */
export class CryptoRefused extends Error {
  constructor(code, message, detail = {}) {
    super(message);
    this.name = "CryptoRefused";
    this.code = code;
    this.detail = detail;
  }
}

const encoder = new TextEncoder();

const toBytes = (data) => (typeof data === "string" ? encoder.encode(data) : new Uint8Array(data));

export async function sha256(data) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", toBytes(data)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function toBase64(data) {
  let text = "";
  const bytes = toBytes(data);
  for (let at = 0; at < bytes.length; at += 32768) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  }
  return btoa(text);
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/** Upper-case hexadecimal without spaces: the one form in which fingerprints are compared. */
export const normaliseFingerprint = (text) => text.replace(/[^0-9a-fA-F]/g, "").toUpperCase();

/** Groups of four, as people read fingerprints to each other. */
export const spellFingerprint = (text) => normaliseFingerprint(text).replace(/(.{4})(?=.)/g, "$1 ");

/** 256 random bits as text that `gpg --passphrase` takes as it is. */
function filePassphrase() {
  return toBase64(crypto.getRandomValues(new Uint8Array(32)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Six groups of four characters, about 117 bits: short enough to copy by hand from paper. */
export function paperPassphrase() {
  const characters = [];
  while (characters.length < 24) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      if (byte < 240 && characters.length < 24) characters.push(ALPHABET[byte % 30]);
    }
  }
  return characters.join("").match(/.{4}/g).join("-");
}

/** What the owner of an old key signs to hand over to a new one; `directory.statements` writes the same. */
export const transitionStatement = (team, oldFingerprint, newFingerprint) =>
  `TCERT key transition\nTeam: ${team}\nOld key: ${oldFingerprint}\nNew key: ${newFingerprint}\n`;

/** What the offline copy of a key signs to prove that it works. */
export const backupStatement = (team, fingerprint, nonce) =>
  `TCERT backup test\nTeam: ${team}\nKey: ${fingerprint}\nNonce: ${nonce}\n`;

export function sealingWith(openpgp) {
  const { enums } = openpgp;

  /** v4 keys and SEIPDv1 only: what GnuPG 2.2 reads; no compression; inflation is bounded. */
  const CONFIG = Object.freeze({
    ...openpgp.config, // methods of parsed objects take the whole configuration, not a part of it
    v6Keys: false,
    aeadProtect: false,
    preferredSymmetricAlgorithm: enums.symmetric.aes256,
    preferredHashAlgorithm: enums.hash.sha512,
    preferredCompressionAlgorithm: enums.compression.uncompressed,
    maxDecompressedMessageSize: INFLATED_LIMIT,
    allowUnauthenticatedMessages: false,
    allowUnauthenticatedStream: false,
    showVersion: false,
    showComment: false,
  });
  /** A 256-bit random passphrase needs no slow hash. */
  const QUICK = Object.freeze({ ...CONFIG, s2kType: enums.s2k.iterated, s2kIterationCountByte: 96 });
  /** For passphrases that people choose; opened in a worker only, since it needs WebAssembly. */
  const SLOW = Object.freeze({
    ...CONFIG,
    aeadProtect: true,
    preferredAEADAlgorithm: enums.aead.ocb,
    s2kType: enums.s2k.argon2,
    s2kArgon2Params: { passes: 3, parallelism: 4, memoryExponent: 16 },
    maxArgon2MemoryExponent: 18,
  });
  /** For the backup kit on paper, which GnuPG 2.2 must open. */
  const KIT = Object.freeze({ ...CONFIG, s2kType: enums.s2k.iterated, s2kIterationCountByte: 224 });

  const fingerprintOf = (key) => key.getFingerprint().toUpperCase();

  /**
   * Is this a key of a newer kind (version 6, post-quantum)? Asked of the first packet alone, because
   * the library cannot read all of them. Both versions have the algorithm at the same place.
   */
  async function isNewerKind(data) {
    try {
      const { data: raw } = typeof data === "string" ? await openpgp.unarmor(data) : { data };
      const bytes = raw instanceof Uint8Array ? raw : new Uint8Array(await new Response(raw).arrayBuffer());
      // New format: one, two or five octets of length. Old format: one, two or four.
      const head = bytes[0] & 0x40
        ? 1 + (bytes[1] < 192 ? 1 : bytes[1] < 224 ? 2 : 5)
        : 1 + [1, 2, 4][bytes[0] & 3];
      return bytes[head] > 4 || bytes[head + 5] > enums.publicKey.ed448;
    } catch {
      return false;
    }
  }

  const newerKind = (detail = {}) => new CryptoRefused(
    "recipient-newer", "A key of a newer kind is not sealed to from the browser yet.", detail,
  );

  /** Read one public certificate, armored or binary, and refuse anything that holds a secret. */
  async function readCertificate(data) {
    if (typeof data !== "string" && !(data instanceof Uint8Array)) {
      // Already parsed by this library.
      return data;
    }
    let key;
    try {
      key = await openpgp.readKey(
        typeof data === "string"
          ? { armoredKey: data, config: CONFIG }
          : { binaryKey: data, config: CONFIG },
      );
    } catch {
      if (await isNewerKind(data)) throw newerKind();
      throw new CryptoRefused("certificate-unreadable", "This is not an OpenPGP key.");
    }
    if (key.isPrivate()) {
      throw new CryptoRefused("certificate-secret", "This is a secret key, not a public one.");
    }
    return key;
  }

  /** Facts about a certificate for people to look at. */
  async function describe(data, now = new Date()) {
    const key = await readCertificate(data);
    const expires = await key.getExpirationTime(undefined, CONFIG).catch(() => null);
    let usable = true;
    try {
      await key.getEncryptionKey(undefined, now, undefined, CONFIG);
    } catch {
      usable = false;
    }
    return {
      fingerprint: fingerprintOf(key),
      userIds: key.getUserIDs(),
      created: key.getCreationTime().toISOString(),
      expires: expires instanceof Date ? expires.toISOString() : null,
      usable,
    };
  }

  /**
   * Seal to every certificate, or to none: one that is expired, revoked or unable refuses the whole.
   * `signer` is an unlocked private key; `signedAt` is the moment that its signature names, for one
   * whose hour is nobody's business. Returns the binary message as Uint8Array.
   */
  async function seal({ text, bytes, certificates, signer = null, now = new Date(), signedAt = now }) {
    const plain = text === undefined ? toBytes(bytes) : toBytes(text);
    if (plain.length > MESSAGE_LIMIT) {
      throw new CryptoRefused("message-too-long", "This message is too long to be sealed.");
    }
    if (certificates.length === 0) {
      throw new CryptoRefused("no-recipients", "There is nobody to seal this message to.");
    }
    const keys = [];
    const seen = new Set();
    for (const data of certificates) {
      const key = await readCertificate(data);
      const fingerprint = fingerprintOf(key);
      if (seen.has(fingerprint)) continue;
      seen.add(fingerprint);
      // The library would seal to version 6; no other program is proven to open that in our format.
      if (key.keyPacket.version !== 4) throw newerKind({ fingerprint });
      try {
        await key.getEncryptionKey(undefined, now, undefined, CONFIG);
      } catch {
        throw new CryptoRefused(
          "recipient-unusable",
          "A recipient's key has expired, was revoked or cannot be used in the browser.",
          { fingerprint },
        );
      }
      keys.push(key);
    }
    // A session key without an AEAD algorithm is what forces SEIPDv1: with keys that advertise
    // SEIPDv2, the library would otherwise choose it whatever `aeadProtect` says.
    const sessionKey = { data: crypto.getRandomValues(new Uint8Array(32)), algorithm: "aes256" };
    try {
      // Literal packets carry no time of their own: the signature's is the one that counts.
      const message = await openpgp.createMessage({ binary: plain, date: new Date(0) });
      // Signed apart: `encrypt` has one date for both, and recipients must be usable now, not then.
      const signed = signer
        ? await message.sign([signer], [], null, [], signedAt, [], [], [], CONFIG) : message;
      return await openpgp.encrypt({
        message: signed,
        encryptionKeys: keys,
        sessionKey,
        date: now,
        format: "binary",
        config: CONFIG,
      });
    } catch (error) {
      throw new CryptoRefused("seal-failed", "Sealing failed; nothing was sent.", {
        reason: String(error.message),
      });
    } finally {
      sessionKey.data.fill(0);
    }
  }

  async function readMessage(data) {
    try {
      return await openpgp.readMessage(
        typeof data === "string"
          ? { armoredMessage: data, config: CONFIG }
          : { binaryMessage: new Uint8Array(data), config: CONFIG },
      );
    } catch {
      throw new CryptoRefused("message-unreadable", "This is not an OpenPGP message.");
    }
  }

  /** A parsed message's `write()` may be a stream. */
  async function written(message) {
    const data = message.write();
    if (data instanceof Uint8Array) return data;
    return new Uint8Array(await new Response(data).arrayBuffer());
  }

  /** Check every signature of a decrypted message against the certificates of possible authors. */
  async function checked(inner, authors, now) {
    const keys = [];
    for (const data of authors) {
      try {
        keys.push(await readCertificate(data));
      } catch (error) {
        // One reader's key of a newer kind must not keep the others from reading.
        if (error.code !== "recipient-newer") throw error;
      }
    }
    const results = await inner.verify(keys, now, CONFIG);
    const { packets: list } = inner.unwrapCompressed();
    const trailing = list.filterByTag(enums.packet.signature).length === 0;
    const signatures = [];
    for (const result of results) {
      const author = keys.find((key) => key.getKeys(result.keyID).length > 0);
      const packets = (await result.signature.catch(() => null))?.packets;
      // `verify` reads the packets after the text without keeping them, and `write` would lose them.
      if (trailing && packets) list.push(...packets);
      let valid = false;
      let reason = author ? "" : "unknown-signer";
      if (author) {
        try {
          valid = await result.verified;
        } catch (error) {
          reason = String(error.message);
        }
      }
      signatures.push({
        fingerprint: author ? fingerprintOf(author) : null,
        keyId: result.keyID.toHex().toUpperCase(),
        created: packets?.[0]?.created?.toISOString() ?? null,
        valid,
        reason,
      });
    }
    return signatures;
  }

  function literal(inner) {
    const bytes = inner.getLiteralData();
    if (!(bytes instanceof Uint8Array)) {
      throw new CryptoRefused("message-empty", "This message holds nothing that can be shown.");
    }
    let text = null;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\r\n", "\n");
    } catch {
      text = null;
    }
    return { bytes, text };
  }

  /**
   * Open a message with unlocked private keys and check its signatures against `authors`.
   * Returns `{ bytes, text, signed, signatures }`: `text` is null unless it is UTF-8, `signed` is the
   * original signed message inside, which a hand-over wraps, `signatures` say who signed and whether
   * that holds. A message without a valid signature is returned as such: the page must say so.
   */
  async function open({ message, keys, authors = [], now = new Date() }) {
    const parsed = await readMessage(message);
    let inner;
    try {
      inner = await parsed.decrypt(keys, undefined, undefined, now, CONFIG);
    } catch (error) {
      throw new CryptoRefused("cannot-open", "None of your keys opens this message.", {
        reason: String(error.message),
      });
    }
    const signatures = await checked(inner, authors, now);
    return { ...literal(inner), signed: await written(inner.unwrapCompressed()), signatures };
  }

  /** Check a signed message that a hand-over carried. */
  async function openSigned({ signed, authors, now = new Date() }) {
    const inner = await readMessage(signed);
    return { ...literal(inner), signatures: await checked(inner, authors, now) };
  }

  /** Seal a file under a passphrase of its own, which travels inside a sealed message. */
  async function sealFile({ bytes, passphrase = filePassphrase() }) {
    const plain = toBytes(bytes);
    if (plain.length > FILE_LIMIT) {
      throw new CryptoRefused("file-too-large", "This file is larger than 25 MB.");
    }
    const digest = await sha256(plain);
    const message = await openpgp.createMessage({ binary: plain, date: new Date(0) });
    const sealed = await openpgp.encrypt({
      message,
      passwords: [passphrase],
      format: "binary",
      config: QUICK,
    });
    return {
      sealed,
      passphrase,
      size: plain.length,
      sha256: digest,
      sealedSha256: await sha256(sealed),
    };
  }

  /** Open such a file and compare size and digest with what the message said. */
  async function openFile({ sealed, passphrase, size = null, sha256: expected = null }) {
    const message = await readMessage(sealed);
    let bytes;
    try {
      const config = { ...CONFIG, maxDecompressedMessageSize: FILE_LIMIT };
      const inner = await message.decrypt(undefined, [passphrase], undefined, undefined, config);
      bytes = inner.getLiteralData();
    } catch {
      throw new CryptoRefused("file-cannot-open", "This file does not open with its passphrase.");
    }
    if ((size !== null && bytes.length !== size) || (expected && (await sha256(bytes)) !== expected)) {
      throw new CryptoRefused("file-differs", "This file is not the one that the message describes.");
    }
    return bytes;
  }

  /** A detached, armored signature over text. */
  async function sign({ text, signer, now = new Date() }) {
    return openpgp.sign({
      message: await openpgp.createMessage({ binary: toBytes(text), date: new Date(0) }),
      signingKeys: [signer],
      detached: true,
      date: now,
      config: CONFIG,
    });
  }

  /** Does a detached signature over text hold under this certificate? */
  async function verify({ text, signature, certificate, now = new Date() }) {
    try {
      const key = await readCertificate(certificate);
      const result = await openpgp.verify({
        message: await openpgp.createMessage({ binary: toBytes(text) }),
        signature: await openpgp.readSignature({ armoredSignature: signature, config: CONFIG }),
        verificationKeys: [key],
        date: now,
        config: CONFIG,
      });
      if (result.signatures.length === 0) return false;
      await result.signatures[0].verified;
      return true;
    } catch {
      return false;
    }
  }

  /** Make a v4 Ed25519/Cv25519 key. Returns the unlocked private key and its revocation. */
  async function makeKey({ name, email, lifetimeSeconds = 0, now = new Date() }) {
    const { privateKey, revocationCertificate } = await openpgp.generateKey({
      type: "ecc",
      curve: "curve25519Legacy",
      userIDs: [{ name, email }],
      keyExpirationTime: lifetimeSeconds,
      date: now,
      format: "object",
      config: CONFIG,
    });
    return { key: privateKey, revocation: revocationCertificate };
  }

  /**
   * The same key with one more part for encryption, which ends by itself. Returns the whole private
   * key: whoever is given it opens what was sealed to the earlier parts as well.
   */
  async function addEncryptionSubkey({ key, lifetimeSeconds, now = new Date() }) {
    return key.addSubkey({
      type: "ecc", curve: "curve25519Legacy", sign: false, keyExpirationTime: lifetimeSeconds, date: now,
      config: CONFIG,
    });
  }

  /** The same key without those of the named parts that have ended; others are never taken out. */
  async function withoutEnded({ key, fingerprints, now = new Date() }) {
    const rest = await readSecret(key.armor());
    const keep = await Promise.all(rest.subkeys.map(async (subkey) => {
      if (!fingerprints.includes(subkey.getFingerprint().toUpperCase())) return true;
      const end = await subkey.getExpirationTime(now, CONFIG);
      return end === null || end > now;
    }));
    rest.subkeys = rest.subkeys.filter((_subkey, at) => keep[at]);
    return rest;
  }

  /** Lock text under a passphrase that a person chose: an OpenPGP password message with Argon2id. */
  async function lock({ text, passphrase }) {
    return openpgp.encrypt({
      message: await openpgp.createMessage({ binary: toBytes(text), date: new Date(0) }),
      passwords: [passphrase],
      format: "binary",
      config: SLOW,
    });
  }

  /** Undo `lock`; `wrong-passphrase` says nothing about which part failed. */
  async function unlock({ locked, passphrase }) {
    const message = await readMessage(locked);
    try {
      const inner = await message.decrypt(undefined, [passphrase], undefined, undefined, SLOW);
      return new TextDecoder().decode(inner.getLiteralData());
    } catch (error) {
      if (/WebAssembly|wasm/i.test(String(error))) {
        throw new CryptoRefused("no-webassembly", "This browser does not run WebAssembly here.");
      }
      if (error.name === "Argon2OutOfMemoryError") {
        throw new CryptoRefused("out-of-memory", "This device has too little memory to unlock.");
      }
      throw new CryptoRefused("wrong-passphrase", "This passphrase does not open your vault.");
    }
  }

  /** The private key for paper: locked so that GnuPG 2.2 imports it. */
  async function kit({ key, passphrase = paperPassphrase() }) {
    const locked = await openpgp.encryptKey({ privateKey: key, passphrase, config: KIT });
    return { armored: locked.armor(KIT), passphrase, fingerprint: fingerprintOf(key) };
  }

  /** Open a kit (ours or one exported by GnuPG) to test it. */
  async function openKit({ armored, passphrase }) {
    let key;
    try {
      key = await openpgp.readPrivateKey({ armoredKey: armored, config: CONFIG });
    } catch {
      throw new CryptoRefused("kit-unreadable", "This file is not an OpenPGP secret key.");
    }
    if (key.isDecrypted()) return key;
    try {
      return await openpgp.decryptKey({ privateKey: key, passphrase, config: CONFIG });
    } catch {
      throw new CryptoRefused("wrong-passphrase", "This passphrase does not open the backup.");
    }
  }

  const readSecret = (armored) => openpgp.readPrivateKey({ armoredKey: armored, config: CONFIG });

  /** Let `signer` certify the primary user id of a certificate. Returns it, armored. */
  async function certify({ certificate, signer, now = new Date() }) {
    const key = await readCertificate(certificate);
    return (await key.signPrimaryUser([signer], now, undefined, CONFIG)).armor(CONFIG);
  }

  /** Does this certificate carry a valid certification by that one? */
  async function isCertified({ certificate, by, now = new Date() }) {
    try {
      const key = await readCertificate(certificate);
      const certifier = await readCertificate(by);
      const own = certifier.getKeyID();
      const results = await key.verifyPrimaryUser([certifier], now, undefined, CONFIG);
      return results.some((result) => result.valid === true && result.keyID.equals(own));
    } catch {
      return false;
    }
  }

  /** The certificate with its revocation in it, armored. */
  async function revoke({ key, reason, now = new Date() }) {
    const { publicKey } = await openpgp.revokeKey({
      key,
      reasonForRevocation: reason,
      date: now,
      format: "object",
      config: CONFIG,
    });
    return publicKey.armor(CONFIG);
  }

  /** Armor a certificate the way the hub stores it. */
  const armor = (key) => (key.isPrivate() ? key.toPublic() : key).armor(CONFIG);

  return {
    addEncryptionSubkey, armor, certify, describe, fingerprintOf, isCertified, kit, lock, makeKey, open, openFile, openKit,
    openSigned, readCertificate, readSecret, revoke, seal, sealFile, sign, unlock,
    verify, withoutEnded,
  };
}

// Run by test_browser_modules.py with `node --test`: the modules that browsers run, against gpg.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as openpgp from "openpgp";
import * as common from "../../../src/tcert/foundation/openpgp/static/openpgp/common.js";

const sealing = common.sealingWith(openpgp);
const NOW = new Date("2026-11-23T12:00:00Z");
let alice, bob, home;

const gpg = (...words) =>
  execFileSync("gpg", ["--homedir", home, "--batch", "--yes", "--no-tty", "--trust-model", "always",
    "--faked-system-time", "20261123T120500", ...words], { stdio: ["pipe", "pipe", "pipe"] });

const refusal = (code) => (error) => error instanceof common.CryptoRefused && error.code === code;

before(async () => {
  home = mkdtempSync(join(tmpdir(), "kit-"));
  const year = 365 * 86400;
  alice = (await sealing.makeKey({ name: "Alice", email: "alice@one.example", lifetimeSeconds: 2 * year, now: NOW })).key;
  bob = (await sealing.makeKey({ name: "Bob", email: "bob@two.example", now: NOW })).key;
});

after(() => {
  execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
  rmSync(home, { recursive: true, force: true });
});

test("what is sealed opens for each recipient, with the author known", async () => {
  const bytes = await sealing.seal({
    text: "héllo\n", certificates: [sealing.armor(alice), sealing.armor(bob)], signer: alice, now: NOW,
  });
  for (const key of [alice, bob]) {
    const opened = await sealing.open({ message: bytes, keys: [key], authors: [sealing.armor(alice)], now: NOW });
    assert.equal(opened.text, "héllo\n");
    assert.deepEqual(
      opened.signatures.map(({ fingerprint, valid, reason }) => ({ fingerprint, valid, reason })),
      [{ fingerprint: sealing.fingerprintOf(alice), valid: true, reason: "" }],
    );
  }
});

test("an unknown author is said to be unknown", async () => {
  const bytes = await sealing.seal({ text: "x", certificates: [bob], signer: alice, now: NOW });
  const opened = await sealing.open({ message: bytes, keys: [bob], authors: [sealing.armor(bob)], now: NOW });
  assert.equal(opened.signatures[0].valid, false);
  assert.equal(opened.signatures[0].reason, "unknown-signer");
});

test("a hand-over carries the original signature", async () => {
  const first = await sealing.seal({ text: "facts", certificates: [bob], signer: alice, now: NOW });
  const { signed } = await sealing.open({ message: first, keys: [bob], authors: [], now: NOW });
  const again = await sealing.openSigned({ signed, authors: [sealing.armor(alice)], now: NOW });
  assert.equal(again.text, "facts");
  assert.equal(again.signatures[0].valid, true);
});

test("a key that advertises SEIPDv2 still gets SEIPDv1", async () => {
  const { privateKey } = await openpgp.generateKey({
    type: "ecc", curve: "curve25519Legacy", userIDs: [{ name: "modern" }], format: "object", date: NOW,
    config: { aeadProtect: true },
  });
  const bytes = await sealing.seal({ text: "x", certificates: [privateKey.toPublic()], now: NOW });
  const parsed = await openpgp.readMessage({ binaryMessage: bytes });
  assert.deepEqual(Array.from(parsed.packets, (packet) => [packet.constructor.tag, packet.version]), [[1, 3], [18, 1]]);
});

test("one unusable recipient refuses the whole", async () => {
  const short = (await sealing.makeKey({ name: "S", email: "s@three.example", lifetimeSeconds: 60, now: NOW })).key;
  const later = new Date(NOW.getTime() + 120_000);
  await assert.rejects(
    sealing.seal({ text: "x", certificates: [bob, short.toPublic()], now: later }),
    refusal("recipient-unusable"),
  );
  await assert.rejects(sealing.seal({ text: "x", certificates: [] }), refusal("no-recipients"));
  await assert.rejects(sealing.seal({ text: "x", certificates: [bob.armor()] }), refusal("certificate-secret"));
  await assert.rejects(sealing.seal({ text: "x", certificates: ["nonsense"] }), refusal("certificate-unreadable"));
});

test("an expired key still opens what was sealed to it, and its old signature holds", async () => {
  const short = (await sealing.makeKey({ name: "S", email: "s@three.example", lifetimeSeconds: 60, now: NOW })).key;
  const bytes = await sealing.seal({ text: "old", certificates: [short.toPublic()], signer: short, now: NOW });
  const later = new Date(NOW.getTime() + 86_400_000);
  const opened = await sealing.open({ message: bytes, keys: [short], authors: [short.toPublic()], now: later });
  assert.equal(opened.text, "old");
  assert.equal(opened.signatures[0].valid, true);
});

test("tampering and strangers are refused", async () => {
  const bytes = await sealing.seal({ text: "x".repeat(500), certificates: [bob], signer: alice, now: NOW });
  const flipped = bytes.slice();
  flipped[flipped.length - 30] ^= 1;
  await assert.rejects(sealing.open({ message: flipped, keys: [bob], now: NOW }), refusal("cannot-open"));
  await assert.rejects(sealing.open({ message: bytes, keys: [alice], now: NOW }), refusal("cannot-open"));
  await assert.rejects(sealing.open({ message: "plain words", keys: [bob] }), refusal("message-unreadable"));
});

test("a decompression bomb stops at the limit", async () => {
  const message = await openpgp.createMessage({ binary: new Uint8Array(20_000_000) });
  const bomb = await openpgp.encrypt({
    message, encryptionKeys: bob.toPublic(), format: "binary", date: NOW,
    config: { preferredCompressionAlgorithm: openpgp.enums.compression.zip },
  });
  await assert.rejects(sealing.open({ message: bomb, keys: [bob], now: NOW }), refusal("cannot-open"));
});

test("files: sealed, opened, compared", async () => {
  const sealed = await sealing.sealFile({ bytes: new Uint8Array([1, 2, 3]) });
  assert.equal(sealed.size, 3);
  assert.deepEqual([...(await sealing.openFile(sealed))], [1, 2, 3]);
  await assert.rejects(sealing.openFile({ ...sealed, passphrase: "wrong" }), refusal("file-cannot-open"));
  await assert.rejects(sealing.openFile({ ...sealed, size: 4 }), refusal("file-differs"));
  await assert.rejects(sealing.openFile({ ...sealed, sha256: "00" }), refusal("file-differs"));
  await assert.rejects(
    sealing.sealFile({ bytes: new Uint8Array(common.FILE_LIMIT + 1) }), refusal("file-too-large"),
  );
});

test("the vault's lock is Argon2id, and refuses a wrong passphrase", async () => {
  const locked = await sealing.lock({ text: "secret", passphrase: "right horse" });
  const parsed = await openpgp.readMessage({ binaryMessage: locked });
  assert.equal(parsed.packets[0].s2k.type, "argon2");
  assert.equal(await sealing.unlock({ locked, passphrase: "right horse" }), "secret");
  await assert.rejects(sealing.unlock({ locked, passphrase: "wrong" }), refusal("wrong-passphrase"));
});

test("signed statements hold for their text and their key only", async () => {
  const text = common.transitionStatement("t", "OLD", "NEW");
  const signature = await sealing.sign({ text, signer: alice, now: NOW });
  const certificate = sealing.armor(alice);
  assert.equal(await sealing.verify({ text, signature, certificate, now: NOW }), true);
  assert.equal(await sealing.verify({ text: `${text} `, signature, certificate, now: NOW }), false);
  assert.equal(await sealing.verify({ text, signature, certificate: sealing.armor(bob), now: NOW }), false);
});

test("a member's key certified by the team's key", async () => {
  const certified = await sealing.certify({ certificate: sealing.armor(bob), signer: alice, now: NOW });
  assert.equal(await sealing.isCertified({ certificate: certified, by: sealing.armor(alice), now: NOW }), true);
  assert.equal(await sealing.isCertified({ certificate: sealing.armor(bob), by: sealing.armor(alice), now: NOW }), false);
});

test("keys of version 6 and post-quantum keys are refused in words, never sealed to", async () => {
  const vectors = JSON.parse(readFileSync(new URL("../../vectors/newer_keys.json", import.meta.url)));
  for (const [suite, certificate] of Object.entries(vectors)) {
    await assert.rejects(
      sealing.seal({ text: "x", certificates: [sealing.armor(bob), certificate], signer: alice, now: NOW }),
      refusal("recipient-newer"), suite,
    );
  }
  const made = await openpgp.generateKey({
    type: "curve25519", userIDs: [{ name: "Six" }], date: NOW, format: "object", config: { v6Keys: true },
  });
  const binary = made.publicKey.write();
  for (const certificate of [binary, made.publicKey.armor()]) {
    await assert.rejects(
      sealing.seal({ text: "x", certificates: [certificate], now: NOW }), refusal("recipient-newer"),
    );
  }
  const bytes = await sealing.seal({ text: "read on", certificates: [bob], signer: alice, now: NOW });
  const authors = [...Object.values(vectors), sealing.armor(alice)];
  const opened = await sealing.open({ message: bytes, keys: [bob], authors, now: NOW });
  assert.deepEqual([opened.text, opened.signatures[0].valid], ["read on", true]);
  await assert.rejects(sealing.readCertificate("nonsense"), refusal("certificate-unreadable"));
  await assert.rejects(sealing.readCertificate(new Uint8Array([1, 2, 3])), refusal("certificate-unreadable"));
});

test("a revoked key is no recipient", async () => {
  const revoked = await sealing.revoke({ key: bob, reason: { flag: 2, string: "stolen" }, now: NOW });
  await assert.rejects(sealing.seal({ text: "x", certificates: [revoked], now: NOW }), refusal("recipient-unusable"));
});

test("GnuPG opens our kit, our messages and our files; we open its messages", async () => {
  const kit = await sealing.kit({ key: alice });
  writeFileSync(join(home, "kit.asc"), kit.armored);
  writeFileSync(join(home, "bob.asc"), sealing.armor(bob));
  gpg("--pinentry-mode", "loopback", `--passphrase=${kit.passphrase}`, "--import", join(home, "kit.asc"));
  gpg("--import", join(home, "bob.asc"));

  const sealed = await sealing.seal({ text: "to gpg\n", certificates: [sealing.armor(alice)], signer: bob, now: NOW });
  writeFileSync(join(home, "m.gpg"), sealed);
  const plain = gpg("--pinentry-mode", "loopback", `--passphrase=${kit.passphrase}`, "--decrypt", join(home, "m.gpg"));
  assert.equal(plain.toString(), "to gpg\n");

  const file = await sealing.sealFile({ bytes: new TextEncoder().encode("attached") });
  writeFileSync(join(home, "f.gpg"), file.sealed);
  const bytes = gpg("--pinentry-mode", "loopback", `--passphrase=${file.passphrase}`, "--decrypt", join(home, "f.gpg"));
  assert.equal(bytes.toString(), "attached");

  writeFileSync(join(home, "reply.txt"), "from gpg\n");
  gpg("--pinentry-mode", "loopback", `--passphrase=${kit.passphrase}`, "--compress-algo", "none", "--sign",
    "--encrypt", "--recipient", sealing.fingerprintOf(bob), "--output", join(home, "r.gpg"), join(home, "reply.txt"));
  const opened = await sealing.open({
    message: new Uint8Array(readFileSync(join(home, "r.gpg"))), keys: [bob], authors: [sealing.armor(alice)],
    now: new Date("2026-11-23T13:00:00Z"),
  });
  assert.equal(opened.text, "from gpg\n");
  assert.equal(opened.signatures[0].valid, true);
});

test("parts that have ended are left behind when named, and no others", async () => {
  const day = 86400, begun = new Date(NOW.getTime() - 60_000);
  const later = new Date(NOW.getTime() + 105 * day * 1000);
  const { key } = await sealing.makeKey({ name: "Desk", email: "desk@tcert.example", now: begun });
  const whole = await sealing.addEncryptionSubkey({ key, lifetimeSeconds: 104 * day, now: NOW });
  const fingerprints = whole.subkeys.map((subkey) => subkey.getFingerprint().toUpperCase());
  const left = async (named, now) =>
    (await sealing.withoutEnded({ key: whole, fingerprints: named, now })).subkeys.length;
  assert.equal(await left(fingerprints, later), 1, "the endless part stays, whatever the hub says");
  assert.equal(await left(fingerprints, NOW), 2, "so does one that is in use");
  assert.equal(await left([], later), 2);
  const rest = await sealing.withoutEnded({ key: whole, fingerprints, now: later });
  const next = await sealing.addEncryptionSubkey({ key: rest, lifetimeSeconds: 104 * day, now: later });
  const sealed = await sealing.seal({ text: "x", certificates: [sealing.armor(whole)], now: NOW });
  await assert.rejects(sealing.open({ message: sealed, keys: [next], now: later }), refusal("cannot-open"));
  assert.equal(whole.subkeys.length, 2, "the key that was given is as it was");
});

test("the newest part is sealed to, its kit opens old and new with GnuPG, and an old kit only the old", async () => {
  const day = 86400, begun = new Date(NOW.getTime() - 60_000);
  const { key } = await sealing.makeKey({ name: "Desk", email: "desk@tcert.example", now: begun });
  const first = await sealing.addEncryptionSubkey({ key, lifetimeSeconds: 104 * day, now: NOW });
  const later = new Date(NOW.getTime() + 90 * day * 1000);
  const second = await sealing.addEncryptionSubkey({ key: first, lifetimeSeconds: 104 * day, now: later });
  const sealedTo = async (bytes) => (await openpgp.readMessage({ binaryMessage: bytes }))
    .getEncryptionKeyIDs().map((id) => id.toHex());
  const subkeyIds = second.getSubkeys().map((subkey) => subkey.getKeyID().toHex());
  const before = await sealing.seal({ text: "before", certificates: [sealing.armor(first)], now: NOW });
  const after = await sealing.seal({ text: "after", certificates: [sealing.armor(second)], now: later });
  assert.deepEqual(await sealedTo(before), [subkeyIds[1]]);
  assert.deepEqual(await sealedTo(after), [subkeyIds[2]]);
  assert.equal(sealing.fingerprintOf(second), sealing.fingerprintOf(key));

  const kit = await sealing.kit({ key: second });
  writeFileSync(join(home, "desk.asc"), kit.armored);
  const faked = ["--faked-system-time", "20270301T120000"];
  gpg("--pinentry-mode", "loopback", `--passphrase=${kit.passphrase}`, ...faked, "--import", join(home, "desk.asc"));
  for (const [name, bytes] of [["before", before], ["after", after]]) {
    writeFileSync(join(home, name), bytes);
    const opened = gpg("--pinentry-mode", "loopback", `--passphrase=${kit.passphrase}`, ...faked,
      "--decrypt", join(home, name));
    assert.equal(opened.toString(), name);
  }
  await assert.rejects(sealing.open({ message: after, keys: [first], now: later }), refusal("cannot-open"));
  assert.equal((await sealing.open({ message: before, keys: [second], now: later })).text, "before");
  // When the newest has run out, conversations fall back to the part without an end; the hub closes intake.
  const late = new Date(later.getTime() + 105 * day * 1000);
  const fallen = await sealing.seal({ text: "x", certificates: [sealing.armor(second)], now: late });
  assert.deepEqual(await sealedTo(fallen), [subkeyIds[0]]);
});

test("the kit opens here too, and only with its passphrase", async () => {
  const kit = await sealing.kit({ key: alice });
  assert.match(kit.passphrase, /^([2-9A-HJKMNP-TV-Z]{4}-){5}[2-9A-HJKMNP-TV-Z]{4}$/);
  assert.equal(sealing.fingerprintOf(await sealing.openKit(kit)), sealing.fingerprintOf(alice));
  await assert.rejects(sealing.openKit({ ...kit, passphrase: "wrong" }), refusal("wrong-passphrase"));
  await assert.rejects(sealing.openKit({ armored: "no", passphrase: "x" }), refusal("kit-unreadable"));
});

test("fingerprints are spelt in groups and compared without them", () => {
  assert.equal(common.spellFingerprint("abcd1234ef"), "ABCD 1234 EF");
  assert.equal(common.normaliseFingerprint("AB cd 12"), "ABCD12");
});

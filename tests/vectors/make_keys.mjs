// Writes keys.json: what the vault's worker makes, for the tests of the hub's side.
//     node tests/vectors/make_keys.mjs > tests/vectors/keys.json
import * as openpgp from "openpgp";
import * as common from "../../src/tcert/foundation/openpgp/static/openpgp/common.js";

const sealing = common.sealingWith(openpgp);
const now = new Date("2026-01-05T09:00:00Z");
const TEAM = "6f1d0a52-2f6a-4f0e-9d34-3f2b8a4c9e01";
const passphrase = "granite otter waltz ninety";

async function person(name) {
  const { key } = await sealing.makeKey({ name, email: `${name.toLowerCase()}@operator.example`, now });
  const locked = await sealing.lock({ text: key.armor(), passphrase });
  return {
    key,
    data: {
      fingerprint: sealing.fingerprintOf(key), certificate: sealing.armor(key), secret: key.armor(),
      lockedSecret: common.toBase64(locked),
    },
  };
}

async function team(lifetimeSeconds) {
  const { key } = await sealing.makeKey({ name: "CERT One", email: "cert@operator.example", lifetimeSeconds, now });
  return key;
}

async function share(key, member) {
  const sealed = await sealing.seal({ text: key.armor(), certificates: [sealing.armor(member)], signer: key, now });
  return {
    personalFingerprint: sealing.fingerprintOf(member),
    sealedSecret: common.toBase64(sealed),
    certification: await sealing.certify({ certificate: sealing.armor(member), signer: key, now }),
  };
}

const years = (n) => n * 365 * 86400;
const [ada, ben] = [await person("Ada"), await person("Ben")];
const [first, second, third, short] = [await team(years(2)), await team(years(2)), await team(years(2)), await team(86400)];
const describe = async (key) => ({
  fingerprint: sealing.fingerprintOf(key), certificate: sealing.armor(key), secret: key.armor(),
  shares: { ada: await share(key, ada.key), ben: await share(key, ben.key) },
});
const [oldFingerprint, newFingerprint] = [first, second].map(sealing.fingerprintOf);
process.stdout.write(`${JSON.stringify({
  team: TEAM,
  passphrase,
  ada: ada.data,
  ben: ben.data,
  first: await describe(first),
  second: await describe(second),
  third: await describe(third),
  short: await describe(short),
  transition: await sealing.sign({
    text: common.transitionStatement(TEAM, oldFingerprint, newFingerprint), signer: first, now,
  }),
  transitionText: common.transitionStatement(TEAM, oldFingerprint, newFingerprint),
  revoked: await sealing.revoke({ key: first, reason: { flag: 2, string: "" }, now }),
  backupText: common.backupStatement(TEAM, oldFingerprint, "nonce-1"),
  backup: await sealing.sign({ text: common.backupStatement(TEAM, oldFingerprint, "nonce-1"), signer: first, now }),
}, null, 1)}\n`);

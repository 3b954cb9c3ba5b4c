/**
 * The vault's worker: secrets live here and nowhere else. It has no network (its own policy grants
 * none) and no document; pages speak to it through client.js, which lists the operations.
 */
import * as openpgp from "../vendor/openpgp.min.mjs";
import {
  CryptoRefused, backupStatement, fromBase64, normaliseFingerprint, paperPassphrase, sealingWith,
  toBase64, transitionStatement,
} from "./common.js";
import {
  dropSession, keepSession, openSession, readPin, readSession, touchSession, writePin,
} from "./store.js";
import { unwrap, wrap } from "./wrap.js";

const sealing = sealingWith(openpgp);
const CHECK_EVERY = 5000;
const TOUCH_EVERY = 5000;
const SHORTEST_PASSPHRASE = 14;

/** Of this page: who, the session's salt, how far this clock is from the hub's, idle time, the vault. */
let page = null;
let personal = null;
let pending = null;
let touched = 0;
const teamKeys = new Map();
const tabs = new BroadcastChannel("tcert-vault");

const now = () => new Date(Date.now() + page.offset);

const forget = () => {
  personal = null;
  pending = null;
  teamKeys.clear();
};

async function lock({ tell = true } = {}) {
  const was = personal !== null;
  forget();
  await dropSession();
  if (tell) tabs.postMessage("lock");
  if (was) postMessage({ event: "locked" });
}

tabs.onmessage = ({ data }) => {
  if (data === "lock") lock({ tell: false });
};

const isIdle = (entry) =>
  Date.now() - entry.touched > page.idle || entry.touched > Date.now() + 60_000;

setInterval(async () => {
  if (!page || !personal) return;
  const entry = await readSession();
  if (!entry || isIdle(entry)) await lock();
}, CHECK_EVERY);

async function touch() {
  if (!personal || Date.now() - touched < TOUCH_EVERY) return;
  touched = Date.now();
  await touchSession(touched);
}

/** Open this person's share of each team key; one that does not open is reported, not fatal. */
async function openShares() {
  teamKeys.clear();
  for (const share of page.teams) {
    try {
      const { text } = await sealing.open({
        message: fromBase64(share.sealedSecret), keys: [personal], now: now(),
      });
      const key = await sealing.readSecret(text);
      if (sealing.fingerprintOf(key) !== share.fingerprint) {
        throw new CryptoRefused("share-differs", "This share holds another key.");
      }
      teamKeys.set(share.fingerprint, key);
      share.opens = true;
      share.trouble = null;
    } catch (error) {
      share.opens = false;
      share.trouble = error instanceof CryptoRefused ? error.code : "share-unreadable";
    }
  }
}

async function begin(key) {
  personal = key;
  touched = Date.now();
  await keepSession({
    person: page.person,
    fingerprint: sealing.fingerprintOf(key),
    salt: page.salt,
    secret: key.armor(),
    touched,
  });
  await openShares();
}

const status = () => ({
  state: personal ? "unlocked" : page.vault ? "locked" : "none",
  fingerprint: page.vault?.fingerprint ?? null,
  passkeys: (page.vault?.passkeys ?? []).map(({ id, salt }) => ({ id, salt })),
  teams: page.teams.map(({ team, name, fingerprint, certificate, state, opens, trouble }) => ({
    team, name, fingerprint, certificate, state,
    opens: personal ? opens === true : null,
    trouble: personal ? trouble ?? null : null,
  })),
});

const aboutVault = () => `${page.person} ${page.vault.fingerprint}`;

function unlocked() {
  if (!personal) throw new CryptoRefused("locked", "Your vault is locked.");
  return personal;
}

function teamKey(fingerprint) {
  unlocked();
  const key = teamKeys.get(fingerprint);
  if (!key) throw new CryptoRefused("no-team-key", "Your vault does not hold this team's key.");
  return key;
}

function checkPassphrase(passphrase) {
  if (passphrase.length < SHORTEST_PASSPHRASE || new Set(passphrase).size < 8) {
    throw new CryptoRefused("passphrase-weak", "Choose a passphrase of 14 characters or more.");
  }
}

const holder = ({ kind, id }) => `${kind}:${id}`;

/** Does a chain of statements, each signed by the key before, lead from the pin to this key? */
async function isSignedChange(pin, correspondent, fingerprint) {
  let at = { fingerprint: pin.fingerprint, certificate: pin.certificate };
  const steps = [...(correspondent.transitions ?? [])];
  while (at.fingerprint !== fingerprint) {
    const index = steps.findIndex((step) => step.oldFingerprint === at.fingerprint);
    if (index < 0) return false;
    const [step] = steps.splice(index, 1);
    const next = sealing.fingerprintOf(await sealing.readCertificate(step.newCertificate));
    const text = transitionStatement(correspondent.id, at.fingerprint, next);
    const holds = await sealing.verify({
      text, signature: step.signature, certificate: at.certificate, now: now(),
    });
    if (!holds) return false;
    at = { fingerprint: next, certificate: step.newCertificate };
  }
  return true;
}

/** Compare a correspondent's key with what this person accepted: match, new, signed or changed. */
async function lookAtPin(correspondent) {
  const { certificate } = correspondent;
  const fingerprint = sealing.fingerprintOf(await sealing.readCertificate(certificate));
  const pin = await readPin(page.person, holder(correspondent));
  let state = "new";
  if (pin && (pin.fingerprint === fingerprint || pin.past.includes(fingerprint))) {
    // A superseded key may have signed an old message, but nothing new is sealed to it.
    state = pin.fingerprint === fingerprint ? "match" : "past";
  } else if (pin) {
    state = (await isSignedChange(pin, correspondent, fingerprint)) ? "signed" : "changed";
  }
  return {
    kind: correspondent.kind,
    id: correspondent.id,
    label: correspondent.label,
    verification: correspondent.verification ?? "",
    fingerprint,
    certificate,
    transitions: correspondent.transitions ?? [],
    state,
    pinned: pin ? { fingerprint: pin.fingerprint, at: pin.at, how: pin.how } : null,
  };
}

async function pinKey(correspondent, fingerprint, how) {
  const pin = await readPin(page.person, holder(correspondent));
  const past = pin ? [...pin.past, pin.fingerprint].filter((old) => old !== fingerprint) : [];
  await writePin(page.person, holder(correspondent), {
    fingerprint,
    certificate: correspondent.certificate,
    label: correspondent.label,
    at: now().toISOString(),
    how,
    past,
  });
}

/** Refuse to seal until every correspondent's key is one that this person accepted. */
async function checkPins(recipients) {
  const looks = [];
  for (const recipient of recipients) looks.push(await lookAtPin(recipient));
  const open = [];
  for (const look of looks) {
    // Reporters' keys are shown like all others: a key accepted unseen because the hub calls it a
    // reporter's would be the way around every pin.
    if (look.state !== "match") open.push(look.state === "past" ? { ...look, state: "changed" } : look);
  }
  if (open.length > 0) {
    throw new CryptoRefused("pins", "Look at the keys before anything is sealed to them.", {
      pins: open,
    });
  }
}

/** A team's key as a member's share: sealed to the personal key, which the team's key certifies. */
async function shareWith(key, memberCertificate) {
  const member = await sealing.readCertificate(memberCertificate);
  const certification = await sealing.certify({ certificate: memberCertificate, signer: key, now: now() });
  const sealed = await sealing.seal({
    text: key.armor(), certificates: [memberCertificate], signer: key, now: now(),
  });
  return {
    personalFingerprint: sealing.fingerprintOf(member),
    sealedSecret: toBase64(sealed),
    certification,
  };
}

/** Open a kit and what the hub sealed to its key, and sign that text if it is what it must be. */
async function provedKit({ armored, passphrase, team, fingerprint, challenge }) {
  const key = await sealing.openKit({ armored, passphrase });
  if (sealing.fingerprintOf(key) !== fingerprint) {
    throw new CryptoRefused("kit-other", "This kit opens another key.");
  }
  let text;
  try {
    ({ text } = await sealing.open({ message: challenge, keys: [key], now: now() }));
  } catch {
    throw new CryptoRefused("kit-old", "This kit does not open what is sealed today.");
  }
  const nonce = /\nNonce: ([\w-]+)\n$/.exec(text)?.[1];
  // Whatever else the hub might want signed by the team's key is not signed here.
  if (!nonce || text !== backupStatement(team, fingerprint, nonce)) {
    throw new CryptoRefused("failed", "The hub asked for another text to be signed.");
  }
  return { key, proof: { fingerprint, signature: await sealing.sign({ text, signer: key, now: now() }) } };
}

const REASONS = { lost: 2, superseded: 1, retired: 3 };

const OPERATIONS = {
  async start({ person, salt, now: hubNow, idleSeconds, vault, teams }) {
    page = {
      person,
      salt: fromBase64(salt),
      offset: hubNow ? Date.parse(hubNow) - Date.now() : 0,
      idle: idleSeconds * 1000,
      vault,
      teams,
    };
    const entry = await readSession();
    if (!entry) return status();
    const fits = vault && entry.person === person && entry.fingerprint === vault.fingerprint;
    const secret = fits && !isIdle(entry) ? await openSession(entry, page.salt) : null;
    if (secret === null) {
      await dropSession();
      return status();
    }
    personal = await sealing.readSecret(secret);
    await touch();
    await openShares();
    return status();
  },

  status: async () => status(),
  touch: async () => touch(),

  async lock() {
    await lock();
    return status();
  },

  async unlock({ passphrase }) {
    if (!page.vault) throw new CryptoRefused("no-vault", "You have no vault yet.");
    const secret = await sealing.unlock({ locked: fromBase64(page.vault.lockedSecret), passphrase });
    const key = await sealing.readSecret(secret);
    if (sealing.fingerprintOf(key) !== page.vault.fingerprint) {
      throw new CryptoRefused("vault-differs", "The hub sent a vault that holds another key.");
    }
    await begin(key);
    return status();
  },

  /** Unlock with what a passkey answered; the page forgets the answer. */
  async unlockByPasskey({ id, answer }) {
    const entry = page.vault?.passkeys.find((one) => one.id === id);
    if (!entry) throw new CryptoRefused("passkey-unknown", "This passkey does not open your vault.");
    let secret;
    try {
      secret = await unwrap({ answer, wrapped: fromBase64(entry.wrapped), about: aboutVault() });
    } catch {
      throw new CryptoRefused("passkey-unknown", "This passkey does not open your vault.");
    } finally {
      answer.fill(0);
    }
    const key = await sealing.readSecret(secret);
    if (sealing.fingerprintOf(key) !== page.vault.fingerprint) {
      throw new CryptoRefused("vault-differs", "The hub sent a vault that holds another key.");
    }
    await begin(key);
    return status();
  },

  async wrapForPasskey({ answer }) {
    try {
      return toBase64(await wrap({ answer, text: unlocked().armor(), about: aboutVault() }));
    } finally {
      answer.fill(0);
    }
  },

  async makePersonal({ name, email, passphrase }) {
    checkPassphrase(passphrase);
    const { key } = await sealing.makeKey({ name, email, now: now() });
    const locked = await sealing.lock({ text: key.armor(), passphrase });
    pending = key;
    const kit = await sealing.kit({ key });
    return {
      fingerprint: sealing.fingerprintOf(key),
      certificate: sealing.armor(key),
      lockedSecret: toBase64(locked),
      kit,
    };
  },

  async keepPersonal() {
    if (!pending) throw new CryptoRefused("no-vault", "There is no new key to keep.");
    const key = pending;
    pending = null;
    await begin(key);
  },

  async changePassphrase({ passphrase, newPassphrase }) {
    checkPassphrase(newPassphrase);
    const secret = await sealing.unlock({ locked: fromBase64(page.vault.lockedSecret), passphrase });
    return { lockedSecret: toBase64(await sealing.lock({ text: secret, passphrase: newPassphrase })) };
  },

  personalKit: async () => sealing.kit({ key: unlocked() }),
  teamKit: async ({ fingerprint }) => sealing.kit({ key: teamKey(fingerprint) }),

  async makeTeamKey({ team, name, email, lifetimeSeconds, previous, intakeSeconds = 0 }) {
    const own = sealing.armor(unlocked());
    // Readers seal to the newest part: the first one of a desk's key must be older than its intake key.
    const begun = intakeSeconds ? new Date(now().getTime() - 60_000) : now();
    const made = await sealing.makeKey({ name, email, lifetimeSeconds, now: begun });
    const { revocation } = made;
    const key = intakeSeconds
      ? await sealing.addEncryptionSubkey({ key: made.key, lifetimeSeconds: intakeSeconds, now: now() })
      : made.key;
    const fingerprint = sealing.fingerprintOf(key);
    let transition = "";
    if (previous && teamKeys.has(previous)) {
      const text = transitionStatement(team, previous, fingerprint);
      transition = await sealing.sign({ text, signer: teamKeys.get(previous), now: now() });
    }
    const certificate = sealing.armor(key);
    await pinKey({ kind: "team", id: team, label: name, certificate }, fingerprint, "made here");
    return {
      fingerprint, certificate, revocation, transition,
      ...(await shareWith(key, own)),
      kit: await sealing.kit({ key }),
    };
  },

  /**
   * The desk's next intake key, and its whole secret for every holder. Sealed only to personal keys
   * that the team's own key has signed: a hub that turns hostile cannot slip in another. Parts that
   * the hub calls spent are left behind, if their own end says so too.
   */
  async rotateIntake({ fingerprint, holders, lifetimeSeconds, spent }) {
    const whole = teamKey(fingerprint);
    const by = sealing.armor(whole);
    const present = await sealing.withoutEnded({ key: whole, fingerprints: spent, now: now() });
    const key = await sealing.addEncryptionSubkey({ key: present, lifetimeSeconds, now: now() });
    const shares = [];
    for (const { person, certification } of holders) {
      if (!(await sealing.isCertified({ certificate: certification, by, now: now() }))) {
        throw new CryptoRefused("holder-unsigned", "The team's key has not signed a holder's key.");
      }
      const sealed = await sealing.seal({
        text: key.armor(), certificates: [certification], signer: key, now: now(),
      });
      shares.push({ person, sealedSecret: toBase64(sealed) });
    }
    return { certificate: sealing.armor(key), shares, kit: await sealing.kit({ key }) };
  },

  shareTeamKey: async ({ fingerprint, certificate }) => shareWith(teamKey(fingerprint), certificate),

  isCertified: async ({ certificate, by }) => sealing.isCertified({ certificate, by, now: now() }),

  async revokeTeamKey({ fingerprint, reason }) {
    const key = teamKey(fingerprint);
    return { certificate: await sealing.revoke({ key, reason: { flag: REASONS[reason] ?? 0, string: "" }, now: now() }) };
  },

  /** Prove that a backup opens what is sealed today: it opens the hub's challenge and signs it. */
  testKit: async (payload) => (await provedKit(payload)).proof,

  /** Take the team's key back from a kit: a share of one's own, and the proof that the kit opened. */
  async restoreTeamKey(payload) {
    const own = sealing.armor(unlocked());
    const { key, proof } = await provedKit(payload);
    return { ...proof, ...(await shareWith(key, own)) };
  },

  /** Lock one's own key, taken from its kit, under a new passphrase. */
  async restorePersonal({ armored, passphrase, newPassphrase }) {
    checkPassphrase(newPassphrase);
    const key = await sealing.openKit({ armored, passphrase });
    if (sealing.fingerprintOf(key) !== page.vault?.fingerprint) {
      throw new CryptoRefused("kit-other", "This kit opens another key.");
    }
    return { lockedSecret: toBase64(await sealing.lock({ text: key.armor(), passphrase: newPassphrase })) };
  },

  sign: async ({ signer, text }) => ({
    signature: await sealing.sign({ text, signer: teamKey(signer), now: now() }),
  }),

  async verify({ text, signature, certificate }) {
    return { valid: await sealing.verify({ text, signature, certificate, now: now() }) };
  },

  async seal({ signer, recipients, text, bytes }) {
    const key = teamKey(signer);
    await checkPins(recipients);
    const message = await sealing.seal({
      text, bytes, signer: key, now: now(),
      certificates: recipients.map((recipient) => recipient.certificate),
    });
    return { message };
  },

  async open({ message, authors = [] }) {
    unlocked();
    const opened = await sealing.open({
      message, keys: [...teamKeys.values(), personal], now: now(),
      authors: authors.map((author) => author.certificate),
    });
    return { ...opened, signatures: await withPins(opened.signatures, authors) };
  },

  async openSigned({ signed, authors }) {
    const opened = await sealing.openSigned({
      signed, now: now(), authors: authors.map((author) => author.certificate),
    });
    return { ...opened, signatures: await withPins(opened.signatures, authors) };
  },

  sealFile: async ({ bytes }) => sealing.sealFile({ bytes }),
  openFile: async (payload) => ({ bytes: await sealing.openFile(payload) }),

  describe: async ({ certificate }) => sealing.describe(certificate, now()),

  lookAtPin: async ({ correspondent }) => lookAtPin(correspondent),

  /** Accept a key. A changed one only with its whole fingerprint, typed from another channel. */
  async acceptPin({ correspondent, typed = "" }) {
    unlocked();
    const look = await lookAtPin(correspondent);
    if (["changed", "past"].includes(look.state) && normaliseFingerprint(typed) !== look.fingerprint) {
      throw new CryptoRefused("fingerprint-differs", "This is not the fingerprint of the new key.");
    }
    const compared = normaliseFingerprint(typed) === look.fingerprint;
    const how = compared ? "compared" : look.state === "signed" ? "signed" : "first";
    if (look.state !== "match" || compared) await pinKey(correspondent, look.fingerprint, how);
    return lookAtPin(correspondent);
  },

  suggestPassphrase: async () => ({ passphrase: paperPassphrase() }),
};

/** Say of each valid signature whether its key is the one that this person accepted. */
async function withPins(signatures, authors) {
  const looks = [];
  for (const author of authors) {
    try {
      if (author.kind) looks.push(await lookAtPin(author));
    } catch (error) {
      if (error.code !== "recipient-newer") throw error;
    }
  }
  return signatures.map((signature) => {
    const look = looks.find((one) => one.fingerprint === signature.fingerprint);
    return {
      ...signature,
      author: look ? { kind: look.kind, id: look.id, label: look.label } : null,
      pin: look ? look.state : null,
    };
  });
}

onmessage = async ({ data: { id, op, payload } }) => {
  try {
    const act = Object.hasOwn(OPERATIONS, op) ? OPERATIONS[op] : null;
    if (!act) throw new CryptoRefused("no-such-operation", `The vault has no operation “${op}”.`);
    if (!page && op !== "start") throw new CryptoRefused("not-started", "The vault has not started.");
    if (op !== "start" && op !== "status") await touch();
    postMessage({ id, result: await act(payload ?? {}) });
  } catch (error) {
    const known = error instanceof CryptoRefused;
    postMessage({
      id,
      error: {
        code: known ? error.code : "failed",
        message: known ? error.message : "Something failed in the vault; nothing was sent.",
        detail: known ? error.detail : { reason: String(error?.message ?? error) },
      },
    });
  }
};

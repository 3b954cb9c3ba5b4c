/**
 * What a browser keeps between pages, in IndexedDB:
 *
 * - `session`: the personal key while it is unlocked, sealed with AES-GCM. The key for that is derived
 *   from two halves: a secret that no script can export, kept here, and a salt of the sign-in session,
 *   kept by the hub and handed out with each page. When the session ends, anywhere, the salt is gone and
 *   what lies here can no longer be opened.
 * - `pins`: which key this person has accepted for which correspondent.
 */

const NAME = "tcert-vault";
const INFO = new TextEncoder().encode("tcert vault session 1");

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function database() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("session");
    request.result.createObjectStore("pins");
  };
  return asked(request);
}

async function within(store, mode, act) {
  const db = await database();
  try {
    const transaction = db.transaction(store, mode);
    const finished = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
    const result = await asked(act(transaction.objectStore(store)));
    await finished;
    return result;
  } finally {
    db.close();
  }
}

const wrappingKey = (half, salt) => crypto.subtle.deriveKey(
  { name: "HKDF", hash: "SHA-256", salt, info: INFO },
  half, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"],
);

/** Keep an unlocked key for the next pages of this sign-in session. */
export async function keepSession({ person, fingerprint, salt, secret, touched }) {
  const half = await crypto.subtle.importKey(
    "raw", crypto.getRandomValues(new Uint8Array(32)), "HKDF", false, ["deriveKey"],
  );
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(`${person} ${fingerprint}`) },
    await wrappingKey(half, salt), new TextEncoder().encode(secret),
  );
  const entry = { person, fingerprint, half, iv, sealed, touched };
  await within("session", "readwrite", (store) => store.put(entry, "current"));
}

export const readSession = () => within("session", "readonly", (store) => store.get("current"));

/** Return the secret of a kept session, or null when this sign-in session is another one. */
export async function openSession(entry, salt) {
  try {
    const plain = await crypto.subtle.decrypt(
      {
        name: "AES-GCM",
        iv: entry.iv,
        additionalData: new TextEncoder().encode(`${entry.person} ${entry.fingerprint}`),
      },
      await wrappingKey(entry.half, salt), entry.sealed,
    );
    return new TextDecoder().decode(plain);
  } catch {
    return null;
  }
}

/** Remember that the person is still there; does nothing when the vault was locked meanwhile. */
export async function touchSession(touched) {
  const entry = await readSession();
  if (entry) await within("session", "readwrite", (store) => store.put({ ...entry, touched }, "current"));
}

export const dropSession = () => within("session", "readwrite", (store) => store.delete("current"));

export const readPin = (person, holder) =>
  within("pins", "readonly", (store) => store.get(`${person} ${holder}`));

export const writePin = (person, holder, pin) =>
  within("pins", "readwrite", (store) => store.put(pin, `${person} ${holder}`));

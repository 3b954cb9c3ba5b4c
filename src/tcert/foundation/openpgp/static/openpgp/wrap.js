/**
 * The personal key wrapped under what a passkey answers (WebAuthn's PRF extension): 32 octets that no
 * one but the authenticator can make, so no slow hash is needed. Octets: version 1, nonce, AES-GCM.
 */
const VERSION = 1;
const NONCE = 12;
const INFO = new TextEncoder().encode("tcert vault passkey 1");

async function keyFrom(answer) {
  const half = await crypto.subtle.importKey("raw", answer, "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: INFO },
    half, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"],
  );
}

const bound = (iv, about) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(about) });

/** Wrap text; `about` (whose, which key) must be the same when it is unwrapped. */
export async function wrap({ answer, text, about }) {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const sealed = await crypto.subtle.encrypt(
    bound(iv, about), await keyFrom(answer), new TextEncoder().encode(text),
  );
  return new Uint8Array([VERSION, ...iv, ...new Uint8Array(sealed)]);
}

/** Undo `wrap`; raises when anything differs. */
export async function unwrap({ answer, wrapped, about }) {
  if (wrapped[0] !== VERSION) throw new TypeError("unknown version");
  const iv = wrapped.slice(1, 1 + NONCE);
  const plain = await crypto.subtle.decrypt(
    bound(iv, about), await keyFrom(answer), wrapped.slice(1 + NONCE),
  );
  return new TextDecoder().decode(plain);
}

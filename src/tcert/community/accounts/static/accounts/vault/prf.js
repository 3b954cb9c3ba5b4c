// Asks a passkey for its answer to a random question (WebAuthn's PRF extension). Only documents may ask,
// so the answer passes through here on its way to the worker, as a typed passphrase does.
import { fromBase64, CryptoRefused } from "openpgp/client.js";

const octets = (id) => fromBase64(id.replaceAll("-", "+").replaceAll("_", "/"));

/** Does this browser say of itself that its passkeys can answer? */
export async function canAsk() {
  const capabilities = await window.PublicKeyCredential?.getClientCapabilities?.();
  return capabilities?.["extension:prf"] === true;
}

/** Ask one of these passkeys, [{ id, salt }] in base64; returns { id, answer: Uint8Array }. */
export async function ask(passkeys) {
  let credential;
  try {
    credential = await navigator.credentials.get({
      publicKey: {
        // Nothing is proven to the hub by this: the answer alone opens the vault.
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        allowCredentials: passkeys.map(({ id }) => ({ type: "public-key", id: octets(id) })),
        // Authenticators answer differently with and without: always the same way.
        userVerification: "required",
        extensions: {
          prf: {
            evalByCredential: Object.fromEntries(
              passkeys.map(({ id, salt }) => [id, { first: fromBase64(salt) }]),
            ),
          },
        },
      },
    });
  } catch {
    throw new CryptoRefused("passkey-stopped", "The passkey did not answer.");
  }
  const answer = credential.getClientExtensionResults().prf?.results?.first;
  if (!answer) throw new CryptoRefused("passkey-unable", "This passkey cannot open a vault.");
  return { id: credential.id, answer: new Uint8Array(answer) };
}

// What the vault's own pages share: starting it, saying what went wrong, showing a kit.
import { openCrypto, explain, spellFingerprint, CryptoRefused } from "openpgp/client.js";

export { CryptoRefused, spellFingerprint };

export const byId = (id) => document.getElementById(id);

export function tell(error) {
  const place = byId("vault-trouble");
  if (!place) return;
  place.textContent = explain(error);
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

export const quiet = () => byId("vault-trouble")?.setAttribute("hidden", "");

/** Start the vault, or say why this browser cannot. */
export async function start() {
  try {
    return await openCrypto();
  } catch (error) {
    tell(error);
    throw error;
  }
}

/** Run an act while its button rests and `working` shows; its refusal is told. */
export async function working(button, act) {
  quiet();
  const sign = byId("working");
  button.disabled = true;
  if (sign) sign.hidden = false;
  try {
    return await act();
  } catch (error) {
    tell(error);
    return null;
  } finally {
    button.disabled = false;
    if (sign) sign.hidden = true;
  }
}

/** Read two fields that must be the same. */
export function agreedPassphrase() {
  const [first, second] = [byId("passphrase").value, byId("again").value];
  if (first !== second) throw new CryptoRefused("passphrases-differ", "They differ.");
  return first;
}

function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/pgp-keys" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Read the kit that the person chose and the passphrase that they typed. */
export async function readKit() {
  const file = byId("kit-file").files[0];
  if (!file || file.size > 128 * 1024) throw new CryptoRefused("kit-unreadable", "No kit.");
  return { armored: await file.text(), passphrase: byId("kit-open").value.trim() };
}

/** Show a kit; the form that it stands in goes on only with the end of its passphrase typed. */
export function showKit(kit, form, name) {
  const section = byId("kit");
  section.querySelector("[data-kit='fingerprint']").textContent = spellFingerprint(kit.fingerprint);
  section.querySelector("[data-kit='passphrase']").textContent = kit.passphrase;
  byId("kit-download").onclick = () => download(`${name}-${kit.fingerprint.slice(-8)}.asc`, kit.armored);
  byId("kit-print").onclick = () => print();
  section.hidden = false;
  byId("finish").hidden = false;
  form.addEventListener("submit", (event) => {
    if (byId("kit-check").value.trim().toUpperCase() !== kit.passphrase.slice(-4)) {
      event.preventDefault();
      tell(new CryptoRefused("kit-not-confirmed", "Not the end of the kit's passphrase."));
      byId("kit-check").focus();
    }
  });
  byId("kit-title").scrollIntoView();
}

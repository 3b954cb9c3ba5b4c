import { byId, start, working } from "accounts/vault/page.js";
import { ask, canAsk } from "accounts/vault/prf.js";

const form = byId("unlock");
const open = byId("open");

// Before the vault has started, Enter must not navigate with a field of secrets on the page.
let vault = null;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!vault) return;
  const passphrase = byId("passphrase").value;
  const status = await working(open, () => vault.call("unlock", { passphrase }));
  if (!status) {
    byId("passphrase").select();
    return;
  }
  byId("passphrase").value = "";
  location.assign(form.getAttribute("action"));
});

vault = await start();
open.disabled = false;

// Beside the passphrase, and only where this browser and one of the person's passkeys can.
if (vault.passkeys.length > 0 && (await canAsk())) {
  const button = byId("by-passkey");
  byId("with-passkey").hidden = location.hostname.endsWith(".onion"); // passkeys do not work there
  button.addEventListener("click", async () => {
    const status = await working(button, async () =>
      vault.call("unlockByPasskey", await ask(vault.passkeys)));
    if (status) location.assign(form.getAttribute("action"));
  });
}

import { agreedPassphrase, byId, readKit, start, working } from "accounts/vault/page.js";

const form = byId("change");
const button = byId("make");
let vault = null;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!vault) return;
  const made = await working(button, async () => {
    const newPassphrase = agreedPassphrase();
    if (byId("kit-file").files.length === 0) {
      return vault.call("changePassphrase", { passphrase: byId("old").value, newPassphrase });
    }
    return vault.call("restorePersonal", { ...(await readKit()), newPassphrase });
  });
  if (!made) return;
  form.elements.locked_secret.value = made.lockedSecret;
  form.submit();
});

vault = await start();
button.disabled = false;

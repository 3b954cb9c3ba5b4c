import { byId, start, working } from "accounts/vault/page.js";

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

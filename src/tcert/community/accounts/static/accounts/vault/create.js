import { agreedPassphrase, byId, showKit, start, tell, working } from "accounts/vault/page.js";

const form = byId("create");
const make = byId("make");
const vault = await start();
make.disabled = false;

/** Runs after the kit's own check, and only for a confirmed kit: the vault stays open on the next page. */
async function store(event) {
  if (event.defaultPrevented) return;
  event.preventDefault();
  try {
    await vault.call("keepPersonal");
    form.submit();
  } catch (error) {
    tell(error);
  }
}

// Enter in a passphrase field means “make the key”, not “send the form”.
form.addEventListener("submit", (event) => {
  if (form.elements.certificate.value) return;
  event.preventDefault();
  make.click();
});

make.addEventListener("click", async () => {
  const { name, email } = form.dataset;
  const made = await working(make, async () =>
    vault.call("makePersonal", { name, email, passphrase: agreedPassphrase() }));
  if (!made) return;
  form.elements.certificate.value = made.certificate;
  form.elements.locked_secret.value = made.lockedSecret;
  byId("passphrase").value = "";
  byId("again").value = "";
  byId("choose").hidden = true;
  byId("choose").disabled = true;
  showKit(made.kit, form, "vault-backup");
  form.addEventListener("submit", store);
});

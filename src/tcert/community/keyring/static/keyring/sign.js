// Signs the attestation that stands on the page, in the browser, with the team's key from the vault.
import { byId, start, working } from "accounts/vault/page.js";

const form = byId("sign-form");
const button = byId("sign");
const text = byId("statement").textContent;
const { signer } = form.dataset;
const vault = await start();
const holds = () => vault.teams.some((team) => team.fingerprint === signer);
byId("sign-here").hidden = false;

button.addEventListener("click", async () => {
  const done = await working(button, async () => {
    await vault.needUnlocked();
    byId("without-key").hidden = holds();
    if (!holds()) return null;
    return vault.call("sign", { signer, text });
  });
  if (!done) return;
  form.elements.signature.value = done.signature;
  form.submit();
});

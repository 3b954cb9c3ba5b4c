import { toBase64 } from "openpgp/client.js";
import { byId, start, working } from "accounts/vault/page.js";
import { ask, canAsk } from "accounts/vault/prf.js";

const form = byId("enrol");
const button = byId("make");
const vault = await start();
const able = await canAsk();
byId("unable").hidden = able;

if (form) {
  form.hidden = !able;
  button.disabled = !able;
  form.addEventListener("submit", async (event) => {
    if (form.elements.wrapped_secret.value) return;
    event.preventDefault();
    const chosen = form.querySelector("[name=passkey]:checked");
    const salt = toBase64(crypto.getRandomValues(new Uint8Array(32)));
    const wrapped = await working(button, async () => {
      await vault.needUnlocked();
      const { answer } = await ask([{ id: chosen.dataset.credential, salt }]);
      return vault.call("wrapForPasskey", { answer });
    });
    if (!wrapped) return;
    form.elements.prf_salt.value = salt;
    form.elements.wrapped_secret.value = wrapped;
    form.submit();
  });
}

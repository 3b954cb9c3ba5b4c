import { byId, start, working } from "accounts/vault/page.js";

const form = byId("share-form");

if (form) {
  const button = byId("share");
  let vault = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!vault) return;
    const chosen = form.querySelector("[name=person]:checked");
    const heard = byId("heard").value.replace(/\s/g, "").toUpperCase();
    byId("heard-differs").hidden = heard === chosen.dataset.fingerprint.slice(-8);
    if (!byId("heard-differs").hidden) return;
    const done = await working(button, async () => {
      await vault.needUnlocked();
      const share = await vault.call("shareTeamKey", {
        fingerprint: form.dataset.fingerprint, certificate: chosen.dataset.certificate,
      });
      // The certificate beside the name, not the fingerprint printed there, is what was sealed to.
      if (share.personalFingerprint.slice(-8) !== heard) {
        byId("heard-differs").hidden = false;
        return null;
      }
      return share;
    });
    if (!done) return;
    form.elements.sealed_secret.value = done.sealedSecret;
    form.elements.certification.value = done.certification;
    form.submit();
  });
  vault = await start();
  button.disabled = false;
}

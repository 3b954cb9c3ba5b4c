import { byId, showKit, start, tell, working } from "accounts/vault/page.js";

const YEAR = 365 * 86_400;
const form = byId("make-form");
const make = byId("make");

if (form) {
  const vault = await start();
  make.disabled = false;

  make.addEventListener("click", async () => {
    if (!byId("email").reportValidity()) return;
    const made = await working(make, async () => {
      await vault.needUnlocked();
      const { team, name, previous } = form.dataset;
      return vault.call("makeTeamKey", {
        team, name, previous,
        email: byId("email").value,
        lifetimeSeconds: Number(byId("years").value) * YEAR,
        intakeSeconds: Number(form.dataset.intake),
      });
    });
    if (!made) return;
    form.elements.certificate.value = made.certificate;
    form.elements.sealed_secret.value = made.sealedSecret;
    form.elements.certification.value = made.certification;
    form.elements.transition.value = made.transition;
    byId("choose").hidden = true;
    byId("choose").disabled = true;
    showKit(made.kit, form, "team-backup");
  });

  form.addEventListener("submit", (event) => {
    if (form.elements.certificate.value) return;
    event.preventDefault();
    make.click();
  });
  vault.addEventListener("locked", () => vault.needUnlocked().catch(tell));
}

import { byId, showKit, start, tell, working } from "accounts/vault/page.js";

const form = byId("intake-form");
const make = byId("make");
const vault = await start();
make.disabled = false;

make.addEventListener("click", async () => {
  const holders = [...document.querySelectorAll("[data-certification]")].map(({ dataset }) =>
    ({ person: dataset.person, certification: dataset.certification }));
  const made = await working(make, async () => {
    await vault.needUnlocked();
    const { fingerprint, lifetime, spent } = form.dataset;
    return vault.call("rotateIntake", {
      fingerprint, holders, lifetimeSeconds: Number(lifetime), spent: spent.split(" "),
    });
  });
  if (!made) return;
  form.elements.certificate.value = made.certificate;
  form.elements.shares.value = JSON.stringify(made.shares);
  byId("choose").hidden = true;
  showKit(made.kit, form, "desk-backup");
});

form.addEventListener("submit", (event) => {
  if (form.elements.certificate.value) return;
  event.preventDefault();
  make.click();
});
vault.addEventListener("locked", () => vault.needUnlocked().catch(tell));

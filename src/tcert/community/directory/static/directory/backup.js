import { byId, readKit, showKit, start, working } from "accounts/vault/page.js";

const form = byId("prove-form");
const make = byId("make-kit");
const prove = byId("prove");
const vault = await start();
const { fingerprint, team, challenge } = form.dataset;

const show = () => {
  const holds = vault.teams.some((one) => one.fingerprint === fingerprint && one.opens);
  document.querySelector("[data-with-vault]").hidden = !holds;
};
vault.addEventListener("locked", show);
show();
document.querySelector("[data-with-script]").hidden = false;
prove.disabled = challenge === "";

make.addEventListener("click", async () => {
  const kit = await working(make, async () => {
    await vault.needUnlocked();
    return vault.call("teamKit", { fingerprint });
  });
  if (!kit) return;
  make.hidden = true;
  const kitForm = byId("kit-form");
  showKit(kit, kitForm, "team-backup");
  kitForm.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    byId("kit").hidden = true;
    byId("finish").hidden = true;
    byId("prove-title").scrollIntoView();
  });
});

prove.addEventListener("click", async () => {
  const done = await working(prove, async () => {
    const restore = byId("keep")?.checked ?? false;
    if (restore) await vault.needUnlocked();
    return vault.call(restore ? "restoreTeamKey" : "testKit", {
      ...(await readKit()), team, fingerprint, challenge,
    });
  });
  if (!done) return;
  byId("kit-open").value = "";
  form.elements.signature.value = done.signature;
  form.elements.sealed_secret.value = done.sealedSecret ?? "";
  form.elements.certification.value = done.certification ?? "";
  form.submit();
});

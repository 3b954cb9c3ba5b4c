import { byId, start, working } from "accounts/vault/page.js";

const form = byId("revoke-form");
const vault = await start();
const { fingerprint } = form.dataset;
const holds = () => vault.teams.some((team) => team.fingerprint === fingerprint && team.opens);

const show = () => {
  form.querySelector("[data-with-vault]").hidden = !holds();
};
vault.addEventListener("locked", show);
show();

// A holder signs the revocation; without the key, the form goes as it is: by the team's word.
form.addEventListener("submit", async (event) => {
  if (!holds() || form.elements.certificate.value) return;
  event.preventDefault();
  const done = await working(event.submitter ?? form.querySelector("[type=submit]"), async () =>
    vault.call("revokeTeamKey", { fingerprint, reason: byId("reason").value }));
  if (!done) return;
  form.elements.certificate.value = done.certificate;
  form.submit();
});

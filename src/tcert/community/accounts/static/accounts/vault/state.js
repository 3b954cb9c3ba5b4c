import { explain, CryptoRefused } from "openpgp/client.js";
import { byId, spellFingerprint, start } from "accounts/vault/page.js";

if (byId("vault-context")) {
  const vault = await start();

  const show = () => {
    for (const place of document.querySelectorAll("[data-state]")) {
      place.hidden = place.dataset.state !== vault.state;
    }
    const list = byId("vault-teams");
    list.replaceChildren();
    const words = byId("team-states").content;
    for (const team of vault.teams) {
      const line = byId("team-line").content.cloneNode(true);
      const slot = (name) => line.querySelector(`[data-slot="${name}"]`);
      slot("name").textContent = team.name;
      slot("state").textContent = words.querySelector(`[data-code="${CSS.escape(team.state)}"]`)?.textContent ?? "";
      slot("fingerprint").textContent = spellFingerprint(team.fingerprint);
      if (team.trouble) {
        slot("trouble").textContent = explain(new CryptoRefused(team.trouble, "This share does not open."));
        slot("trouble").hidden = false;
      }
      list.append(line);
    }
    document.querySelector("[data-teams='none']").hidden = vault.teams.length > 0;
  };

  byId("lock").addEventListener("click", async () => {
    await vault.call("lock");
    show();
  });
  vault.addEventListener("locked", show);
  show();
}

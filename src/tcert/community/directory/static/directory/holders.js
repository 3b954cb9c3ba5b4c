// Checks in this browser, not on the hub, that the team's key has signed each holder's own key.
import { byId, start } from "accounts/vault/page.js";

const list = byId("holder-list");
if (list && byId("vault-context")) {
  const vault = await start();
  for (const row of list.querySelectorAll("[data-certification]")) {
    const holds = await vault.call("isCertified", {
      certificate: row.dataset.certification, by: list.dataset.by,
    });
    for (const sign of row.querySelectorAll("[data-check]")) {
      sign.hidden = sign.dataset.check !== (holds ? "yes" : "no");
    }
  }
}

import { byId, showKit, start, working } from "accounts/vault/page.js";

const make = byId("make");
const vault = await start();
make.disabled = false;

make.addEventListener("click", async () => {
  const kit = await working(make, async () => {
    await vault.needUnlocked();
    return vault.call("personalKit");
  });
  if (!kit) return;
  make.hidden = true;
  showKit(kit, byId("backup"), "vault-backup");
});

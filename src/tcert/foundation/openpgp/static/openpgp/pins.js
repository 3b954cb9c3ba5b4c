/**
 * The dialogs before a key is trusted. Words and structure stand in the page's templates
 * (`accounts/vault/context.html`), so that they are translated; this module fills in names and
 * fingerprints as text.
 */
import { normaliseFingerprint, spellFingerprint } from "./common.js";

function fill(root, values) {
  for (const [name, value] of Object.entries(values)) {
    for (const slot of root.querySelectorAll(`[data-slot="${name}"]`)) slot.textContent = value;
  }
}

const day = (moment) => (moment ? moment.slice(0, 10) : "");

function dialogFrom(name) {
  const template = document.getElementById(`vault-dialog-${name}`);
  const dialog = template.content.cloneNode(true).querySelector("dialog");
  document.body.append(dialog);
  return dialog;
}

/** Show a dialog and resolve with the value of the button that closed it ("" for Escape). */
function ask(dialog) {
  return new Promise((resolve) => {
    for (const button of dialog.querySelectorAll("button[value]")) {
      button.addEventListener("click", () => dialog.close(button.value));
    }
    dialog.addEventListener("close", () => {
      const answer = dialog.returnValue;
      dialog.remove();
      resolve(answer);
    });
    dialog.showModal();
  });
}

/** New keys and signed changes: one dialog that lists them all. */
async function introduce(pins) {
  const dialog = dialogFrom("new");
  const list = dialog.querySelector("[data-list]");
  const line = list.querySelector("template");
  for (const pin of pins) {
    const item = line.content.cloneNode(true);
    fill(item, {
      label: pin.label,
      fingerprint: spellFingerprint(pin.fingerprint),
      verification: pin.verification,
      since: day(pin.pinned?.at),
    });
    item.querySelector("[data-when='signed']").hidden = pin.state !== "signed";
    item.querySelector("[data-when='reporter']").hidden = pin.kind !== "reporter";
    item.querySelector("[data-when='unverified']").hidden =
      pin.kind === "reporter" || pin.verification !== "";
    list.append(item);
  }
  return (await ask(dialog)) === "accept";
}

/** A key that changed without the old one's signature: stop, unless the person compared the new one. */
async function stop(pin) {
  const dialog = dialogFrom("changed");
  fill(dialog, {
    label: pin.label,
    old: spellFingerprint(pin.pinned.fingerprint),
    since: day(pin.pinned.at),
    fingerprint: spellFingerprint(pin.fingerprint),
  });
  const typed = dialog.querySelector("input");
  const accept = dialog.querySelector("button[value='accept']");
  const differs = dialog.querySelector("[data-when='differs']");
  typed.addEventListener("input", () => {
    const said = normaliseFingerprint(typed.value);
    accept.disabled = said !== pin.fingerprint;
    differs.hidden = said.length < pin.fingerprint.length || said === pin.fingerprint;
  });
  const answer = await ask(dialog);
  return answer === "accept" ? typed.value : null;
}

/**
 * Settle what `seal` reported under `error.detail.pins`. Returns true when every key was accepted and
 * the sealing may be tried again, false when the person stopped.
 */
export async function settlePins(crypto, pins) {
  for (const pin of pins.filter(({ state }) => state === "changed")) {
    const typed = await stop(pin);
    if (typed === null) return false;
    await crypto.call("acceptPin", { correspondent: pin, typed });
  }
  const fresh = pins.filter(({ state }) => state !== "changed");
  if (fresh.length > 0) {
    if (!(await introduce(fresh))) return false;
    for (const pin of fresh) await crypto.call("acceptPin", { correspondent: pin });
  }
  return true;
}

/** Tell that the vault is locked, with the way to unlock it and to come back. */
export async function tellLocked(unlockUrl) {
  const dialog = dialogFrom("locked");
  dialog.querySelector("a").href = unlockUrl;
  await ask(dialog);
}

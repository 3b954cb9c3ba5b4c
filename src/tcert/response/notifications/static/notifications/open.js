/**
 * Opening the sealed lines of a notification in the vault. The hub sealed them, so nobody has
 * signed; they are shown as text and leave the page nowhere. What went by mail as well begins with
 * the two headers of a MIME entity, which are not shown.
 */
import { explain } from "openpgp/client.js";
import { startVault } from "sealed/reading.js";

const crypto = await startVault();

const readable = (text) => text.replaceAll("\r\n", "\n").replace(/^Content-Type: .*\n.*\n\n/, "").trimEnd();

async function open(part) {
  const text = part.querySelector("[data-text]");
  const trouble = part.querySelector("[data-trouble]");
  try {
    const answer = await fetch(part.dataset.linesUrl, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new TypeError(String(answer.status));
    const message = new Uint8Array(await answer.arrayBuffer());
    const opened = await crypto.call("open", { message, authors: [] });
    text.textContent = readable(opened.text ?? "");
    text.hidden = false;
    part.querySelector("[data-sealed]").hidden = true;
    part.dataset.ready = "open";
  } catch (error) {
    trouble.textContent = explain(error);
    trouble.hidden = false;
  }
}

if (crypto) for (const part of document.querySelectorAll("[data-lines-url]")) await open(part);

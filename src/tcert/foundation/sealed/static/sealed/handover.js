/** Hand earlier messages over, one by one: the original, signed by its author, inside a new one. */
import { readThread, startVault, wordsOf } from "sealed/reading.js";
import { send, whyNot } from "sealed/sending.js";
import { writeHandover } from "sealed/inner.js";

const root = document.querySelector("[data-thread]");
const words = wordsOf(root);
const crypto = await startVault();
const urls = { readers: root.dataset.readersUrl, post: root.dataset.postUrl };
const error = root.querySelector("[data-error]");

function offer(article, found) {
  const button = article.querySelector("[data-hand-over]");
  if (!button || found.alarms.length > 0) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const note = article.querySelector("[name=note]").value;
    const progress = article.querySelector("[data-progress]");
    button.disabled = true;
    error.hidden = true;
    try {
      await send({
        crypto,
        urls,
        kind: "handover",
        // A message that was itself handed over travels on as its first author signed it.
        body: writeHandover(note, found.carried ? found.carried.signed : found.signed),
        extra: { original: found.claim.id },
        words,
        tell: (text) => { progress.textContent = text; },
      });
      progress.textContent = words.done;
      button.hidden = true;
      article.dataset.state = "handed-over";
    } catch (problem) {
      error.querySelector("[data-error-text]").textContent = whyNot(problem, words);
      error.hidden = false;
      error.focus();
      button.disabled = false;
      progress.textContent = "";
    }
  });
}

if (crypto) {
  for (const source of root.querySelectorAll("[data-source]")) {
    const { opened } = await readThread(crypto, source, source.dataset.contextUrl, words);
    for (const [id, found] of opened) offer(source.querySelector(`[data-message="${id}"]`), found);
  }
}
root.dataset.ready = crypto ? "open" : "sealed";

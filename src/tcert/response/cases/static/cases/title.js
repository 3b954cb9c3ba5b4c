/** Give the case its sealed title: one message to the own team, one to each chosen party. */
import { fetchContext, openMessage, startVault, wordsOf } from "sealed/reading.js";
import { send, whyNot } from "sealed/sending.js";

const root = document.querySelector("[data-thread]");
const form = document.querySelector("[data-title-form]");
const words = wordsOf(root);
const crypto = await startVault();

async function fill() {
  const context = await fetchContext(root.dataset.contextUrl);
  const claim = context.messages.filter((one) => one.kind === "title").at(-1);
  if (!claim) return;
  const found = await openMessage(crypto, context, claim, words);
  if (found.inner && found.alarms.length === 0) form.elements.title.value = found.inner.body.trim();
}

if (crypto) {
  await fill();
  form.hidden = false;
  const error = form.querySelector("[data-error]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const title = form.elements.title.value.trim();
    const button = form.querySelector("button");
    const tell = (text) => { form.querySelector("[data-progress]").textContent = text; };
    error.hidden = true;
    button.disabled = true;
    try {
      if (!title) throw Object.assign(new Error(words.empty), { plain: true });
      for (const box of form.querySelectorAll("[name=thread]:checked")) {
        const urls = { readers: box.dataset.readersUrl, post: box.dataset.postUrl };
        await send({ crypto, urls, kind: "title", body: title, words, tell });
      }
      location.assign(root.dataset.back);
    } catch (problem) {
      error.querySelector("[data-error-text]").textContent = problem.plain
        ? problem.message
        : whyNot(problem, words);
      error.hidden = false;
      error.focus();
      button.disabled = false;
      tell("");
    }
  });
}
root.dataset.ready = crypto ? "open" : "sealed";

/** A page with a sealed conversation: opens it and its title, and sends answers. */
import { fetchContext, openMessage, readThread, showSequence, startVault, wordsOf } from "sealed/reading.js";
import { send, submit, whyNot } from "sealed/sending.js";
import { writeHandover } from "sealed/inner.js";
import { render } from "sealed/markdown.js";

const root = document.querySelector("[data-thread]");

async function showTitle(crypto, words) {
  const box = document.querySelector("[data-title]");
  if (!box?.dataset.contextUrl) return;
  const context = await fetchContext(box.dataset.contextUrl);
  const claim = context.messages.filter((one) => one.kind === "title").at(-1);
  if (!claim) return;
  const found = await openMessage(crypto, context, claim, words);
  if (found.alarms.length > 0 || !found.inner) return;
  box.querySelector("[data-title-text]").textContent = found.inner.body.trim();
  box.hidden = false;
}

function composer(crypto, words, state) {
  const form = root.querySelector("[data-compose]");
  if (!form) return;
  const body = form.elements.body;
  const error = form.querySelector("[data-error]");
  const without = form.querySelector("[data-without]");
  const progress = form.querySelector("[data-progress]");
  const urls = { readers: root.dataset.readersUrl, post: root.dataset.postUrl };
  let refused = null;
  const fail = (words_) => {
    error.querySelector("[data-error-text]").textContent = words_;
    error.hidden = false;
    error.focus();
  };
  form.hidden = false;
  form.querySelector("details").addEventListener("toggle", () => {
    form.querySelector("[data-preview]").replaceChildren(render(body.value));
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...form.elements.attachments.files];
    if (!body.value.trim() && files.length === 0) {
      fail(words.empty);
      return;
    }
    const button = form.querySelector("button");
    button.disabled = true;
    error.hidden = true;
    try {
      if (refused && form.elements.without.checked) {
        await submit(root.dataset.withoutUrl, refused);
        refused = null;
      }
      const tell = (text) => { progress.textContent = text; };
      const title = form.elements.title?.value.trim();
      if (title) {
        await send({ crypto, urls, kind: "title", body: title, previous: state.previous, words, tell });
        form.elements.title.value = ""; // It stands; a second try sends the message alone.
        state.previous = undefined; // The message follows the title, as the hub then says.
      }
      await send({
        crypto, urls, kind: "message", body: body.value, files, previous: state.previous, words, tell,
      });
      body.value = "";
      location.reload();
    } catch (problem) {
      if (problem.code === "recipient-unusable" && problem.detail?.fingerprints) {
        const readers = await submit(urls.readers, {}).catch(() => ({}));
        refused = { fingerprints: problem.detail.fingerprints, version: readers.version ?? "" };
        without.hidden = false;
      }
      fail(whyNot(problem, words));
      button.disabled = false;
      progress.textContent = "";
    }
  });
}

/** Hand a message of one's own, which a reader cannot open, over anew to all readers. */
function sealAnew(crypto, words, opened) {
  const urls = { readers: root.dataset.readersUrl, post: root.dataset.postUrl };
  for (const place of root.querySelectorAll("[data-anew]")) {
    const article = place.closest("[data-message]");
    const found = opened.get(article.dataset.message);
    if (!found || found.alarms.length > 0) continue;
    const button = place.querySelector("button");
    const progress = place.querySelector("[data-anew-progress]");
    const trouble = article.querySelector("[data-anew-trouble]");
    place.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      trouble.hidden = true;
      try {
        await send({
          crypto, urls, kind: "handover", words,
          body: writeHandover("", found.carried ? found.carried.signed : found.signed),
          extra: { original: found.claim.id },
          tell: (text) => { progress.textContent = text; },
        });
        location.reload();
      } catch (problem) {
        trouble.textContent = whyNot(problem, words);
        trouble.hidden = false;
        button.disabled = false;
        progress.textContent = "";
      }
    });
  }
}

if (root) {
  const words = wordsOf(root);
  const crypto = await startVault();
  if (crypto) {
    const read = await readThread(crypto, root, root.dataset.contextUrl, words);
    const last = [...read.opened.values()].at(-1);
    if (crypto.teams.some((team) => team.opens)) composer(crypto, words, { previous: last?.sha256 });
    sealAnew(crypto, words, read.opened);
    await showSequence(crypto, root, read, words);
    await showTitle(crypto, words);
  }
  root.dataset.ready = crypto ? "open" : "sealed";
}

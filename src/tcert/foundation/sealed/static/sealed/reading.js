/**
 * Reading sealed threads: open each message in the vault, hold what is signed inside against what
 * the hub claims, and show every difference loudly.
 */
import { explain, openCrypto } from "openpgp/client.js";
import { bodyHash, differences, parse, readHandover, sequenceProblems, wholeThread } from "sealed/inner.js";
import { render } from "sealed/markdown.js";

/** The page's words, translated in its template. */
export function wordsOf(root) {
  const found = {};
  for (const line of root.querySelector("[data-words]").content.querySelectorAll("[data-word]")) {
    found[line.dataset.word] = line.textContent.trim();
  }
  return found;
}

const show = (element, visible = true) => {
  if (element) element.hidden = !visible;
};

/** Start the vault and say how it stands; null when sealed text stays sealed here. */
export async function startVault() {
  const box = document.querySelector("[data-vault]");
  show(document.querySelector("[data-without-script]"), false);
  const say = (state, why = "") => {
    show(box);
    for (const line of box.querySelectorAll("[data-vault-state]")) {
      show(line, line.dataset.vaultState === state);
    }
    box.querySelector("[data-vault-why]").textContent = why;
  };
  try {
    const crypto = await openCrypto();
    for (const link of box.querySelectorAll("[data-vault-link]")) link.href = crypto.unlockUrl;
    const holds = crypto.teams.some((team) => team.opens);
    say(crypto.state === "unlocked" && !holds ? "no-key" : crypto.state);
    crypto.addEventListener("locked", () => location.reload());
    return crypto.state === "unlocked" ? crypto : null;
  } catch (error) {
    say("failed", explain(error));
    return null;
  }
}

async function fetchBytes(url) {
  const response = await fetch(url, { credentials: "same-origin", cache: "no-store" });
  if (!response.ok) throw new TypeError(String(response.status));
  return new Uint8Array(await response.arrayBuffer());
}

/** What the hub claims of a thread; readers come once for all messages that were sealed to them. */
export async function fetchContext(url) {
  const response = await fetch(url, { credentials: "same-origin", cache: "no-store" });
  if (!response.ok) throw new TypeError(String(response.status));
  const context = await response.json();
  for (const claim of [...context.messages, ...context.heads]) {
    claim.recipients = context.recipients[claim.recipients];
  }
  return context;
}

/** What the signatures prove: alarms for the reader, and the words beside the author's name. */
function judge(signatures, author, words) {
  if (signatures.length === 0) return { alarms: [words["no-signature"]], proof: "" };
  if (signatures.length > 1) return { alarms: [words.several], proof: "" };
  const [one] = signatures;
  if (!one.valid) return { alarms: [words["bad-signature"]], proof: "" };
  if (one.fingerprint !== author) return { alarms: [words["other-signer"]], proof: "" };
  if (one.pin === "changed") return { alarms: [words.changed], proof: "" };
  const known = { match: words.holds, signed: words.holds, past: words.past };
  return { alarms: [], proof: known[one.pin] ?? words.new };
}

/** Read a text in the hub's form and list where it contradicts the hub. */
function read(text, claim, words) {
  try {
    const inner = parse(text);
    const wrong = differences(inner, claim).map((name) => words[name] ?? name);
    return { inner, alarms: wrong.length ? [`${words.differs} ${wrong.join(", ")}`] : [] };
  } catch {
    return { inner: null, alarms: [words.form] };
  }
}

/** Whom a team names inside as the one who writes; a reporter is named by nobody. */
function personOf(context, inner) {
  const author = context.authors.find((one) => one.fingerprint === inner?.author);
  return author?.kind === "team" ? inner.person : "";
}

/** Open one message and judge it; `carried` is what a hand-over holds. */
export async function openMessage(crypto, context, claim, words) {
  const message = await fetchBytes(claim.url);
  const opened = await crypto.call("open", { message, authors: context.authors });
  const signed = judge(opened.signatures, claim.author, words);
  const { inner, alarms } = read(opened.text ?? "", {
    subject: context.subject,
    thread: context.thread,
    kind: claim.kind,
    author: claim.author,
    recipients: claim.recipients,
  }, words);
  const found = {
    claim,
    inner,
    person: personOf(context, inner),
    text: opened.text ?? "",
    signed: opened.signed,
    proof: signed.proof,
    alarms: [...signed.alarms, ...alarms],
    sha256: await bodyHash(message),
    carried: null,
  };
  if (found.sha256 !== claim.sha256) found.alarms.push(`${words.differs} ${words.hash}`);
  if (inner?.kind === "handover") await openCarried(crypto, context, found, words);
  return found;
}

async function openCarried(crypto, context, found, words) {
  const { note, signed } = readHandover(found.inner.body);
  const original = await crypto.call("openSigned", { signed, authors: context.authors });
  const claim = found.claim.handover ?? {};
  const proven = judge(original.signatures, claim.author, words);
  const { inner, alarms } = read(original.text ?? "", claim, words);
  const label = original.signatures[0]?.author?.label ?? "";
  const person = personOf(context, inner);
  found.carried = { note, inner, text: original.text ?? "", signed, label, person, proof: proven.proof };
  found.alarms.push(...proven.alarms, ...alarms);
}

const make = (name, text, className = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

function save(bytes, name) {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function showFiles(crypto, list, files, stored, words) {
  list.replaceChildren();
  for (const file of files) {
    const line = make("li", `${file.name} (${file.size.toLocaleString()} B) `);
    const found = stored.find((one) => one.sha256 === file.sealed_sha256);
    if (found) {
      const button = make("button", words["open-file"], "btn plain small");
      button.type = "button";
      const trouble = make("span", "", "bad");
      button.addEventListener("click", async () => {
        try {
          const sealed = await fetchBytes(found.url);
          const { bytes } = await crypto.call("openFile", {
            sealed, passphrase: file.passphrase, size: file.size, sha256: file.sha256,
          });
          save(bytes, file.name);
        } catch (error) {
          trouble.textContent = ` ${explain(error)}`;
        }
      });
      line.append(button, trouble);
    } else line.append(make("span", words["file-missing"], "bad"));
    list.append(line);
  }
  show(list, files.length > 0);
}

/** Say who speaks for the team, the name set apart: it may be written in the other direction. */
function speaks(person, words) {
  const [before, after] = words.says.split("{name}");
  const said = make("span", `, ${before}`);
  said.append(make("bdi", person), after);
  return said;
}

/** Put an opened message into its place on the page. */
function showMessage(crypto, article, found, words) {
  const text = article.querySelector("[data-text]");
  const alarm = article.querySelector("[data-alarm]");
  article.querySelector("[data-proof]").textContent = found.proof;
  // Beside a signature that does not hold a name would be believed all the same.
  const trusted = found.alarms.length === 0;
  if (trusted && found.person) {
    article.querySelector("[data-person]")?.replaceChildren(speaks(found.person, words));
    show(article.querySelector("[data-claim]"));
  }
  if (found.carried) {
    const { note, inner, label, person, proof } = found.carried;
    const quote = document.createElement("blockquote");
    quote.append(render(inner ? inner.body : found.carried.text));
    const source = make("p", `${words.carried} ${label}`, "hint");
    if (trusted && person) source.append(speaks(person, words), ` (${words.claim})`);
    source.append(` · ${proof}`);
    const remarks = note.trim() ? [render(`${words["carried-note"]} ${note}`)] : [];
    text.replaceChildren(...remarks, source, quote);
  } else text.replaceChildren(render(found.inner ? found.inner.body : found.text));
  const files = (found.carried?.inner ?? found.inner)?.files ?? [];
  showFiles(crypto, article.querySelector("[data-files]"), files, found.claim.files, words);
  alarm.replaceChildren(...found.alarms.map((line) => make("p", line)));
  show(alarm, found.alarms.length > 0);
  show(article.querySelector("[data-opens-now]"));
  article.classList.toggle("alarm", found.alarms.length > 0);
  article.dataset.state = found.alarms.length ? "alarm" : "open";
}

/** Open a whole thread into its articles; returns what was opened, by message id. */
export async function readThread(crypto, root, contextUrl, words) {
  const context = await fetchContext(contextUrl);
  const opened = new Map();
  for (const claim of context.messages) {
    const article = root.querySelector(`[data-message="${claim.id}"]`);
    if (!article) continue;
    try {
      const found = await openMessage(crypto, context, claim, words);
      opened.set(claim.id, found);
      showMessage(crypto, article, found, words);
    } catch (error) {
      article.dataset.state = "closed";
      const reason = error?.code ? explain(error) : words["cannot-open"];
      article.querySelector("[data-text]").replaceChildren(make("p", reason, "sealed"));
      // Without any key of the team the vault is at fault, and the page has said so above.
      const holds = crypto.teams.some((team) => team.opens);
      if (error?.code === "cannot-open" && holds) show(article.querySelector("[data-cannot-open]"));
    }
  }
  return { context, opened };
}

/** What this tab was told of a thread before: a message that it knew of must not go. */
function goneSince(thread, hashes, inPages) {
  const known = `chain:${thread}`;
  try {
    const now = new Set(hashes);
    const before = JSON.parse(sessionStorage.getItem(known) ?? "[]");
    if (!inPages && before.length === 0) return 0; // All of it was opened just now.
    sessionStorage.setItem(known, JSON.stringify([...new Set([...before, ...hashes])]));
    return before.filter((hash) => !now.has(hash)).length;
  } catch {
    return 0; // No storage, or it is full: each page is still held against the signed counters.
  }
}

/**
 * How many messages stand between the pages: these are cut at fixed places, and all that the hub
 * claims from the first to the last message of a page has its place on it.
 */
function cutOff(root, { first, last, per_page: size, messages }, chain) {
  const odd = [first - 1, last].filter((place) => place % size !== 0 && place < chain.length);
  const shown = new Set(messages.filter(({ id }) => root.querySelector(`[data-message="${id}"]`))
    .map(({ sha256 }) => sha256));
  const kept = chain.slice(Math.max(first - 1, 0), last).filter(([sha256]) => !shown.has(sha256));
  return Math.max(odd.filter((place) => place > 0).length, kept.length);
}

/**
 * Say loudly when a thread has holes, on this page or on another one. The messages of a page are
 * open already; of the other pages each author's first and last message are opened here, so that
 * their signed counters show how many there must be between them.
 */
export async function showSequence(crypto, root, { context, opened }, words) {
  const box = root.querySelector("[data-sequence]");
  if (!box) return;
  const known = new Map(context.messages.map(({ id, sha256 }) => [sha256, opened.get(id) ?? null]));
  const chain = context.chain.map(([sha256, writer]) => [sha256, context.writers[writer]]);
  const others = chain.length > context.messages.length;
  let closed = 0;
  for (const claim of context.heads) {
    const found = await openMessage(crypto, context, claim, words).catch(() => null);
    const holds = found?.inner && found.alarms.length === 0;
    if (!holds) closed += 1;
    known.set(claim.sha256, holds ? found : null);
  }
  const counts = new Map();
  const add = (problem, number) => number && counts.set(problem, (counts.get(problem) ?? 0) + number);
  for (const { problem, detail } of sequenceProblems(wholeThread(chain, known))) {
    add(problem, problem === "missing" ? detail : 1);
  }
  add("closed", closed);
  add("gone", goneSince(context.thread, chain.map(([sha256]) => sha256), others));
  add("cut", cutOff(root, context, chain));
  const lines = [...counts].map(([problem, number]) => `${words[`sequence-${problem}`]} ${number}`);
  box.replaceChildren(...(lines.length ? [make("p", `${words.sequence} ${lines.join(" · ")}`)] : []));
  show(box, lines.length > 0);
}

// The mailbox with scripts: the receipt stays here, messages are opened and sealed here.
import * as inner from "sealed/inner.js";
import { appearsIn, derive } from "./receipts.js";
import {
  CryptoRefused, drawText, explain, fromBase64, isBetween, look, post, readOwn, requireFingerprint, sealing, sealMessage,
  size, toBase64, TOGETHER_LIMIT, unlockKey, word, writeMessage,
} from "./sealing.js";

const $ = (id) => document.getElementById(id);
const root = $("mailbox"), told = root.dataset;
let receipt = "", id = "", key = null, box = null, files = [], last = null, busy = false;

/** What was sealed to send the report anew; after a lost answer the same goes out. */
let anew = null;

/** Where the text being written is kept over a reload: sealed to the reporter's own key, for this tab. */
const DRAFT = "draft";

/** Read what is kept, or keep something else; a browser that keeps nothing loses it on a reload, no more. */
function draft(sealed) {
  try {
    if (sealed === undefined) return sessionStorage.getItem(DRAFT);
    if (sealed === null) sessionStorage.removeItem(DRAFT);
    else sessionStorage.setItem(DRAFT, sealed);
  } catch {
    // Storage is blocked here, or full.
  }
  return null;
}

const say = (target, text = "") => { $(target).textContent = text; $(target).hidden = !text; };
const progress = (text = "") => { $("progress").textContent = text; };

function show(name) {
  for (const section of root.querySelectorAll(":scope > section")) {
    section.toggleAttribute("data-shown", section.dataset.step === name);
  }
  root.querySelector("[data-shown] h2")?.focus();
}

/** Run one act at a time; whatever fails is said, and nothing typed is lost. */
async function act(work) {
  if (busy) return;
  busy = true;
  say("trouble");
  say("done");
  try {
    await work();
  } catch (error) {
    say("trouble", explain(error));
    $("trouble").scrollIntoView({ block: "center" });
  } finally {
    busy = false;
    progress();
  }
}

const ask = (url, ...fields) => post(url, told.csrf, [["receipt_id", id], ...fields]);

async function open() {
  progress(word("working"));
  receipt = $("id_receipt").value;
  const derived = await derive(receipt, told.salt);
  id = derived.id;
  box = await (await ask(told.open)).json();
  key = await unlockKey(fromBase64(box.locked_secret), derived.wrap);
  $("id_receipt").value = "";
  await draw();
  show("box");
  await restore();
}

const ownCertificate = () => box.readers.find((r) => r.fingerprint === sealing.fingerprintOf(key)).certificate;

/** Keep what is being written, sealed: a reload or a crash loses nothing, and tells nobody anything. */
async function keepDraft() {
  const text = $("text").value;
  if (!text.trim() || !key) return draft(null);
  const sealed = await sealing.seal({ text, certificates: [ownCertificate()] });
  if ($("text").value === text) draft(toBase64(sealed));
  return undefined;
}

async function restore() {
  const kept = draft();
  if (!kept || $("text").value) return;
  try {
    const { text } = await sealing.open({ message: fromBase64(kept), keys: [key], authors: [] });
    $("text").value = text;
    say("done", word("draft"));
  } catch {
    draft(null);
  }
}

async function draw() {
  $("code-name").textContent = box.code_name;
  $("status").replaceChildren(...box.status.map((line) => element("li", line)));
  const opened = [];
  for (const message of box.messages) opened.push(await read(message));
  $("messages").replaceChildren(...opened.map(({ article }) => article), ...await waiting());
  $("none").hidden = Boolean(box.silence) || box.messages.some((message) => !message.own);
  drawSilence();
  $("readers").textContent = box.readers.map((r) => r.name).join(", ");
  last = opened.filter(({ message, said }) => message.own && message.thread === box.thread && said).at(-1)?.said ?? null;
  const fresh = last ? box.readers.filter((r) => !last.recipients.includes(r.fingerprint)) : [];
  say("changed", fresh.length ? `${word("new-readers")} ${fresh.map((r) => `${r.name} ${spelled(r.fingerprint)}`).join(", ")}` : "");
}

/** What the reporter wrote and the hub has not delivered yet. */
async function waiting() {
  const articles = [];
  for (const { on, sealed } of box.waiting) {
    const said = await readOwn(sealed, key), article = element("article", "", "msg mine");
    const head = element("header"), body = element("div");
    head.append(element("h3", word("you")), " ", element("time", on));
    if (said) body.append(drawText(element("div", "", "msg-text"), said.body));
    for (const file of said?.files ?? []) body.append(element("p", `${file.name} · ${size(file.size)}`, "quiet"));
    body.append(element("p", word(said ? "waits" : "unopened"), "note info"));
    article.append(head, body);
    articles.push(article);
  }
  return articles;
}

/** Nobody answered in time: say so, and offer another team. */
function drawSilence() {
  const silence = box.silence;
  $("second").hidden = !silence;
  if (!silence) return;
  $("silent").replaceChildren(...silence.words.map((line) => element("p", line)));
  const some = silence.teams.length > 0;
  $("second-coordinates").hidden = !some || !silence.coordinates;
  $("second-joins").hidden = !some || silence.coordinates;
  $("second-nobody").hidden = some;
  $("second-choice").hidden = !some;
  $("second-key").parentElement.hidden = true;
  const choose = element("option", word("choose"));
  choose.value = "";
  $("second-team").replaceChildren(choose, ...silence.teams.map(({ id: team, name }) =>
    Object.assign(element("option", name), { value: team })));
}

/** Ask for the key of the chosen team and show it before anything is sealed to it. */
async function chooseSecond() {
  anew = null;
  const team = $("second-team").value;
  $("second-key").parentElement.hidden = true;
  if (!team) return;
  const begun = await (await ask(told.beginAnew, ["team", team])).json();
  await requireFingerprint(begun.recipient, "");
  anew = { team, begun, fields: null };
  $("second-key").textContent = `${begun.recipient.name} · ${spelled(begun.recipient.fingerprint)}`;
  $("second-key").parentElement.hidden = false;
}

async function sendAnew() {
  if (!anew || anew.team !== $("second-team").value) return $("second-team").focus();
  progress(word("sealing"));
  anew.fields ??= await sealAnew(anew);
  try {
    await ask(told.sendAnew, ...anew.fields);
  } catch (error) {
    if (error.code !== "network") anew = null;
    throw error;
  }
  anew = null;
  box = await (await ask(told.open)).json();
  await draw();
  return say("done", word("anew"));
}

/** Seal the reporter's own copy of the report to another team, as it was first sent. */
async function sealAnew({ team, begun }) {
  const readers = [{ fingerprint: sealing.fingerprintOf(key), certificate: ownCertificate() }, begun.recipient];
  const again = async (kind, thread, tlp) => {
    const first = box.messages.find((m) => m.own && m.kind === kind), said = first && await readOwn(first.sealed, key);
    if (!said) throw new CryptoRefused("no-copy", "The reporter's copy does not open.");
    const header = { subject: box.subject, thread, kind, tlp, counter: 1, previous: null, files: said.files, body: said.body };
    return sealMessage(key, header, readers);
  };
  const fields = [["team", team], ["token", begun.token], ["facts", await again("facts", begun.facts, "AMBER")]];
  if (begun.coordinates) fields.push(["wishes", await again("wishes", begun.talk, "RED")]);
  return fields;
}

const spelled = (fingerprint) => fingerprint.replace(/(.{4})(?=.)/g, "$1 ");

function element(tag, text = "", name = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

/** Open one message, hold it against what the hub says of it, and draw it. */
async function read(message) {
  const article = element("article", "", `msg${message.own ? " mine" : ""}`);
  const title = element("h3");
  const author = box.authors.find((a) => a.fingerprint === message.author);
  const head = element("header"), body = element("div");
  const what = ["facts", "wishes"].includes(message.kind) ? ` · ${word(message.kind)}` : "";
  title.textContent = (message.own ? word("you") : author?.name ?? "") + what;
  head.append(title, " ", element("time", message.on));
  article.append(head, body);
  let said = null, trouble = "";
  try {
    const opened = await sealing.open({
      message: fromBase64(message.sealed), keys: [key], authors: author ? [author.certificate] : [],
    });
    const [signature] = opened.signatures;
    if (opened.signatures.length !== 1 || !signature.valid || signature.fingerprint !== message.author) {
      trouble = word("unsigned");
    }
    said = inner.parse(opened.text ?? "");
    const claim = { subject: box.subject, thread: message.thread, author: message.author };
    if (inner.differences(said, claim).length) trouble ||= word("differs");
  } catch {
    trouble = word("unopened");
  }
  if (message.unopened) {
    const { names, answered } = message.unopened, who = word("cannot-open").replace("{names}", () => names.join(", "));
    body.append(element("p", `${who} ${word(answered ? "written-since" : "send-again")}`, "note warn"));
  }
  if (trouble) {
    article.classList.add("alarm");
    body.append(element("p", trouble, "note bad"));
  }
  // A name is believed: none stands beside what cannot be trusted.
  if (said?.person && !trouble && !message.own) {
    const [before, after] = word("says").split("{name}");
    title.append(`, ${before}`, element("bdi", said.person), after);
    head.append(" ", element("span", word("claim")));
  }
  if (said) {
    body.append(drawText(element("div", "", "msg-text"), said.body));
    for (const file of said.files) if (message.files[file.sealed_sha256]) body.append(download(message, file));
  }
  return { message, article, said };
}

function save(bytes, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function copy() {
  progress(word("working"));
  save(await (await ask(told.part)).arrayBuffer(), "part.zip");
}

function download(message, file) {
  const row = element("p", "", "row");
  const button = element("button", `${word("save")} ${file.name}`, "btn plain small");
  button.type = "button";
  button.addEventListener("click", () => act(async () => {
    progress(word("working"));
    const response = await ask(told.fetch, ["file", message.files[file.sealed_sha256]]);
    const sealed = new Uint8Array(await response.arrayBuffer());
    const bytes = await sealing.openFile({ sealed, ...file });
    save(bytes, file.name);
  }));
  row.append(button, element("span", size(file.size), "quiet"));
  return row;
}

function showFiles() {
  $("files").replaceChildren(...files.map((entry) => {
    const line = element("li"), out = element("button", word("leave-out"), "btn quiet small");
    out.type = "button";
    out.setAttribute("aria-label", `${entry.file.name}: ${word("leave-out")}`);
    out.addEventListener("click", () => { files = files.filter((f) => f !== entry); showFiles(); });
    line.append(element("b", entry.file.name), " ", out);
    if (["pdf", "office", "capture"].includes(entry.carries)) line.append(element("span", ` ${word(entry.carries)}`, "warn"));
    return line;
  }));
}

async function addFiles() {
  for (const file of $("files-input").files) {
    const carries = await look(file);
    if (files.reduce((sum, f) => sum + f.file.size, file.size) > TOGETHER_LIMIT) {
      throw new CryptoRefused("files-too-large", file.name, { name: file.name });
    }
    files.push({ file, carries });
  }
  $("files-input").value = "";
  showFiles();
}

async function send() {
  const text = $("text").value.trim();
  if (!text) return $("text").focus();
  if ([text, ...files.map((f) => f.file.name)].some((part) => appearsIn(part, receipt))) {
    throw new CryptoRefused("own-receipt", "The text contains its receipt.");
  }
  progress(word("sealing"));
  // Ask again first: readers, counter and the last message may have changed meanwhile.
  const typed = box.readers.map((r) => r.fingerprint).join();
  box = await (await ask(told.open)).json();
  if (box.readers.map((r) => r.fingerprint).join() !== typed) {
    await draw();
    throw new CryptoRefused("told", $("changed").textContent);
  }
  const stored = await writeMessage({ ask, told, key, box, text, files });
  $("text").value = "";
  draft(null);
  files = [];
  showFiles();
  box = await (await ask(told.open)).json();
  await draw();
  say("done", word(stored ? "sent" : "repeated"));
  return undefined;
}

async function withdraw() {
  const done = await (await ask(told.withdraw, ["confirm", $("confirm").value])).json();
  draft(null);
  key = box = null;
  receipt = id = "";
  for (const target of ["messages", "status", "code-name", "readers"]) $(target).replaceChildren();
  show(done.waits ? "noted" : "gone");
}

async function start() {
  if (!globalThis.isSecureContext || !crypto.subtle) {
    $("broken").querySelector("p").textContent = word("insecure");
    return;
  }
  if (await isBetween(told.names)) return;
  $("broken").hidden = true;
  root.dataset.mode = "scripts";
  $("open").addEventListener("click", () => act(open));
  $("id_receipt").addEventListener("keydown", (event) => { if (event.key === "Enter") act(open); });
  $("send").addEventListener("click", () => act(send));
  $("copy").addEventListener("click", () => act(copy));
  $("withdraw").addEventListener("click", () => act(withdraw));
  $("files-input").addEventListener("change", () => act(addFiles));
  $("second-team").addEventListener("change", () => act(chooseSecond));
  $("send-anew").addEventListener("click", () => act(sendAnew));
  $("text").addEventListener("input", () => { keepDraft().catch(() => draft(null)); });
  addEventListener("beforeunload", (event) => { if (files.length) event.preventDefault(); });
}

start();

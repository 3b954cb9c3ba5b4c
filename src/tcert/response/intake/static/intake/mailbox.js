// The mailbox with scripts: the receipt stays here, messages are opened and sealed here.
import * as inner from "sealed/inner.js";
import { appearsIn, derive } from "./receipts.js";
import {
  CryptoRefused, drawText, explain, fromBase64, look, post, sealing, size, TOGETHER_LIMIT, unlockKey, word,
  writeMessage,
} from "./sealing.js";

const $ = (id) => document.getElementById(id);
const root = $("mailbox"), told = root.dataset;
let receipt = "", id = "", key = null, box = null, files = [], last = null, busy = false;

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
}

async function draw() {
  $("code-name").textContent = box.code_name;
  $("status").replaceChildren(...box.status.map((line) => element("li", line)));
  const opened = [];
  for (const message of box.messages) opened.push(await read(message));
  $("messages").replaceChildren(...opened.map(({ article }) => article));
  $("none").hidden = box.messages.length > 0;
  $("waiting").hidden = box.waiting === 0;
  $("readers").textContent = box.readers.map((r) => r.name).join(", ");
  last = opened.filter(({ message, said }) => message.own && message.thread === box.thread && said).at(-1)?.said ?? null;
  const fresh = last ? box.readers.filter((r) => !last.recipients.includes(r.fingerprint)) : [];
  say("changed", fresh.length ? `${word("new-readers")} ${fresh.map((r) => `${r.name} ${spelled(r.fingerprint)}`).join(", ")}` : "");
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
  const author = box.authors.find((a) => a.fingerprint === message.author);
  const head = element("header"), body = element("div");
  const what = ["facts", "wishes"].includes(message.kind) ? ` · ${word(message.kind)}` : "";
  head.append(element("h3", (message.own ? word("you") : author?.name ?? "") + what), " ", element("time", message.on));
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
  if (trouble) {
    article.classList.add("alarm");
    body.append(element("p", trouble, "note bad"));
  }
  if (said) {
    body.append(drawText(element("div", "", "msg-text"), said.body));
    for (const file of said.files) if (message.files[file.sealed_sha256]) body.append(download(message, file));
  }
  return { message, article, said };
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
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
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
  await writeMessage({ ask, told, key, box, text, files });
  $("text").value = "";
  files = [];
  showFiles();
  box = await (await ask(told.open)).json();
  await draw();
  say("done", word("sent"));
  return undefined;
}

async function withdraw() {
  await ask(told.withdraw, ["confirm", $("confirm").value]);
  key = box = null;
  receipt = id = "";
  for (const target of ["messages", "status", "code-name", "readers"]) $(target).replaceChildren();
  show("gone");
}

function start() {
  if (!globalThis.isSecureContext || !crypto.subtle) {
    $("broken").querySelector("p").textContent = word("insecure");
    return;
  }
  $("broken").hidden = true;
  root.dataset.mode = "scripts";
  $("open").addEventListener("click", () => act(open));
  $("id_receipt").addEventListener("keydown", (event) => { if (event.key === "Enter") act(open); });
  $("send").addEventListener("click", () => act(send));
  $("withdraw").addEventListener("click", () => act(withdraw));
  $("files-input").addEventListener("change", () => act(addFiles));
}

start();

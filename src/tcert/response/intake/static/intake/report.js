// The report with scripts: step by step in one document, sealed here, nothing kept in the browser.
import * as inner from "sealed/inner.js";
import { derive, appearsIn, newDigits, newWords, normalise } from "./receipts.js";
import { prove } from "./proof.js";
import { compose } from "./writing.js";
import {
  createKey, CryptoRefused, drawText, explain, fromBase64, isBetween, lockKey, look, post, requireFingerprint, sealFile,
  sealing, sealMessage, size, TOGETHER_LIMIT, unlockKey, word, writeMessage,
} from "./sealing.js";

const $ = (id) => document.getElementById(id);
const root = $("report"), told = root.dataset;
const sections = [...root.querySelectorAll(":scope > section")];
const STEPS = sections.map((section) => section.dataset.step);
let step = 0, files = [], receipt = "", digits = false, sending = false, sealedTo = [];

/** What was made for one receipt and one text; kept so that sending again sends the same. */
let prepared = null;

/** The mailbox of a report that had arrived before it was changed, and the files that it lacks. */
let late = null;

const controls = (scope) => [...scope.querySelectorAll("input[name], select[name], textarea[name]")];
const chosen = (name) => root.querySelector(`[name="${name}"]:checked`)?.value ?? "";
const value = (name) => root.querySelector(`[name="${name}"]`)?.value.trim() ?? "";

// Steps ---------------------------------------------------------------------------------------

function show(index) {
  step = index;
  sections.forEach((section, at) => section.toggleAttribute("data-shown", at === index));
  for (const item of $("steps").children) {
    const at = STEPS.indexOf(item.dataset.step);
    item.classList.toggle("done", at < index);
    if (at === index) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  }
  const name = STEPS[index];
  trouble();
  const over = ["late", "sent"].includes(name);
  $("back").hidden = index === 0 || over;
  $("buttons").hidden = over;
  const { next, send } = $("next").dataset;
  $("next").textContent = name === "receipt" ? send : next;
  if (name === "receipt") preview();
  document.querySelector(".guidance").hidden = name === "before"; // it stands in that step itself
  sections[index].querySelector("h2").focus();
  sections[index].scrollIntoView({ block: "nearest" });
}

function trouble(text = "") {
  $("trouble").hidden = !text;
  $("trouble").textContent = text;
  if (text) $("trouble").scrollIntoView({ block: "center" });
}

/** Mark a control as wrong beside itself; returns it. */
function wrong(control, text) {
  const field = control.closest(".field") ?? control.parentElement;
  field.classList.add("has-error");
  const line = document.createElement("p");
  line.className = "error by-script";
  line.id = `${control.id}-trouble`;
  line.append(Object.assign(document.createElement("span"), { textContent: text }));
  field.querySelector("label, legend").after(line);
  control.setAttribute("aria-invalid", "true");
  return control;
}

function right() {
  root.querySelectorAll(".by-script").forEach((line) => {
    line.closest(".has-error")?.classList.remove("has-error");
    line.remove();
  });
  root.querySelectorAll("[aria-invalid]").forEach((control) => control.removeAttribute("aria-invalid"));
}

function check(name) {
  right();
  const section = sections[STEPS.indexOf(name)], found = [];
  for (const control of controls(section)) {
    if (!control.required) continue;
    if (control.type === "radio") {
      const group = section.querySelectorAll(`[name="${control.name}"]`);
      if (group[0] === control && !chosen(control.name)) found.push(wrong(control, word("empty")));
    } else if (!control.value.trim()) found.push(wrong(control, word("empty")));
  }
  if (name === "wishes" && chosen("addressee") !== "desk" && !value("team")) {
    found.push(wrong(root.querySelector('[name="team"]'), word("team")));
  }
  if (name === "receipt" && normalise($("confirm").value) !== normalise(receipt.split(" ").at(-1))) {
    found.push(wrong($("confirm"), word("confirm")));
  }
  found[0]?.focus();
  return found.length === 0;
}

// Answers -------------------------------------------------------------------------------------

/** What stands in the page, as headings, labels and values. */
function sectionsOf(part) {
  return sections.filter((section) => section.dataset.part === part).map((section) => {
    const answers = [], seen = new Set();
    for (const control of controls(section)) {
      if (["read_line", "addressee", "team", "files", "keep_metadata", "kept", "drop"].includes(control.name) ||
          seen.has(control.name)) continue;
      seen.add(control.name);
      const field = control.closest(".field");
      const label = own(field.querySelector("legend, label"));
      if (control.type === "radio") {
        const picked = section.querySelector(`[name="${control.name}"]:checked`);
        answers.push([label, picked ? own(picked.closest("label")) : ""]);
      } else answers.push([label, control.value]);
    }
    const heading = section.dataset.heading ?? section.querySelector("h2").textContent;
    return [heading.trim(), answers];
  });
}

/** The text of a label without the marks inside it. */
const own = (element) =>
  [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.textContent).join(" ").trim();

function recipientsInWords() {
  const team = root.querySelector('[name="team"]');
  const other = team?.selectedOptions[0]?.textContent ?? "", desk = told.deskName;
  return { desk: [desk], both: [desk, other], team: [other] }[chosen("addressee")];
}

function preview() {
  const names = recipientsInWords();
  drawText($("preview-facts"), compose(sectionsOf("facts")));
  drawText($("preview-wishes"), compose(sectionsOf("wishes")));
  $("facts-to").textContent = `${word("to")} ${names.join(", ")}`;
  $("wishes-to").textContent = `${word("to")} ${names[0]}`;
  $("preview-files").replaceChildren(...files.map(({ file }) => fileLine(file)));
  const line = $("preview-line");
  line.hidden = chosen("read_line") !== "yes";
  line.querySelector("b").textContent = value("subject");
  if (!receipt) newReceipt();
}

function newReceipt() {
  receipt = digits ? newDigits() : newWords();
  prepared = null;
  $("receipt").replaceChildren(
    ...receipt.split(" ").map((g) => Object.assign(document.createElement("li"), { textContent: g })));
  $("confirm").value = "";
}

// Files ---------------------------------------------------------------------------------------

function fileLine(file) {
  const line = document.createElement("li"), name = document.createElement("b");
  name.textContent = file.name;
  const told = document.createElement("span");
  told.className = "quiet";
  told.textContent = ` ${size(file.size)}`;
  line.append(name, told);
  return line;
}

async function addFiles(list) {
  trouble();
  for (const file of list) {
    try {
      const carries = await look(file);
      if (files.reduce((sum, f) => sum + f.file.size, file.size) > TOGETHER_LIMIT) {
        throw new CryptoRefused("files-too-large", file.name, { name: file.name });
      }
      files.push({ file, carries });
    } catch (error) {
      trouble(explain(error));
    }
  }
  prepared = null;
  showFiles();
}

function showFiles() {
  $("files").replaceChildren(...files.map((entry) => {
    const line = fileLine(entry.file), button = document.createElement("button");
    button.type = "button";
    button.className = "btn quiet small";
    button.textContent = word("leave-out");
    button.setAttribute("aria-label", `${entry.file.name}: ${word("leave-out")}`);
    button.addEventListener("click", () => {
      files = files.filter((other) => other !== entry);
      prepared = null;
      showFiles();
    });
    line.append(" ", button);
    if (["pdf", "office", "capture"].includes(entry.carries)) {
      const warning = document.createElement("span");
      warning.className = "warn";
      warning.textContent = word(entry.carries);
      line.append(document.createElement("br"), warning);
    }
    return line;
  }));
}

// Sending -------------------------------------------------------------------------------------

const progress = (text = "") => { $("progress").textContent = text; };
const choice = () => [["addressee", chosen("addressee")], ["team", value("team")]];

/** Seal everything once; the same receipt and text are sent again as they were. */
async function prepare() {
  const facts = compose(sectionsOf("facts")), wishes = compose(sectionsOf("wishes"));
  const line = chosen("read_line") === "yes" ? value("subject") : "";
  if ([facts, wishes, line, ...files.map((f) => f.file.name)].some((t) => appearsIn(t, receipt))) {
    throw new CryptoRefused("own-receipt", "The text contains its receipt.");
  }
  progress(word("working"));
  const begun = await (await post(told.begin, told.csrf, choice())).json();
  for (const recipient of begun.recipients) {
    await requireFingerprint(recipient, recipient.team === told.desk ? told.deskFingerprint : "");
  }
  sealedTo = begun.recipients.map((recipient) => recipient.fingerprint);
  const nonce = await prove(begun.token, begun.bits);
  const { id, wrap } = await derive(receipt, told.salt);
  const { key, fingerprint, certificate, secret } = await createKey();
  const own = { fingerprint, certificate };
  progress(word("sealing"));
  const attachments = [];
  for (const entry of files) {
    const { file } = entry, { sealed, attachment } = await sealFile(file, $("id_keep_metadata").checked);
    entry.attachment = attachment;
    progress(`${word("sending")}: ${file.name}`);
    await post(told.file, told.csrf, [["token", begun.token], ["nonce", nonce], ["file", sealed]]);
    attachments.push(attachment);
    progress(word("sealing"));
  }
  const header = { subject: `report:${begun.ids.report}`, counter: 1, previous: null, files: [] };
  const seal = (thread, what, tlp, body, to, list) =>
    sealMessage(key, { ...header, thread, kind: what, tlp, body, files: list }, [own, ...to]);
  return [
    ...choice(),
    ["token", begun.token], ["nonce", nonce], ["receipt_id", id], ["kind", chosen("kind")],
    ["routing_line", line], ["certificate", certificate], ["locked_secret", await lockKey(secret, wrap)],
    ["facts", await seal(begun.ids.facts, "facts", "AMBER", facts, begun.recipients, attachments)],
    ["wishes", await seal(begun.ids.talk, "wishes", "RED", wishes, begun.recipients.slice(0, 1), [])],
    ...attachments.map((a) => ["file", a.sealed_sha256]),
  ];
}

async function send() {
  if (sending) return;
  sending = true;
  $("next").disabled = $("back").disabled = true;
  trouble();
  try {
    prepared ??= await prepare();
    progress(word("sending"));
    const answer = await (await post(told.send, told.csrf, prepared)).json();
    finish(answer.code_name);
  } catch (error) {
    if (error.code !== "network") prepared = null;
    if (error.detail?.code === "already") await offer().catch((failed) => trouble(explain(failed)));
    else trouble(explain(error));
  } finally {
    progress();
    sending = false;
    $("next").disabled = $("back").disabled = false;
  }
}

function finish(name) {
  $("code-name").textContent = name;
  forget();
  show(STEPS.indexOf("sent"));
}

/**
 * The answer was lost, the text was changed, and the first version has arrived: find out what it does
 * not hold, and offer that as a message. The receipt opens it here; the hub learns nothing.
 */
async function offer() {
  const { id, wrap } = await derive(receipt, told.salt), parts = ["facts", "wishes"], first = {};
  const ask = (url, ...fields) => post(url, told.csrf, [["receipt_id", id], ...fields]);
  const box = await (await ask(told.open)).json();
  const key = await unlockKey(fromBase64(box.locked_secret), wrap);
  for (const { kind, sealed } of box.messages.filter((m) => m.own && parts.includes(m.kind))) {
    const opened = await sealing.open({ message: fromBase64(sealed), keys: [key], authors: [key.toPublic()] });
    if (opened.signatures.length === 1 && opened.signatures[0].valid) first[kind] = inner.parse(opened.text ?? "");
  }
  const texts = parts.map((part) => [part, compose(sectionsOf(part))])
    .filter(([part, text]) => text !== first[part]?.body).map(([, text]) => text);
  const had = first.facts?.files ?? [], is = (a, b) => a.name === b.name && a.sha256 === b.sha256;
  const fresh = files.filter(({ attachment }) => !had.some((file) => is(file, attachment)));
  for (const file of had.filter((file) => !files.some(({ attachment }) => is(file, attachment)))) {
    texts.push(`${word("left-out")} ${file.name}`);
  }
  const before = first.facts?.recipients.filter((one) => one !== key.getFingerprint().toUpperCase());
  if (before && [...before].sort().join() !== [...sealedTo].sort().join()) {
    texts.push(`${word("now-to")} ${recipientsInWords().join(", ")}`);
  }
  if (!texts.length && !fresh.length) return finish(box.code_name);
  late = { ask, key, fresh, known: first.wishes?.recipients ?? [], name: box.code_name };
  $("late-name").textContent = box.code_name;
  $("late-to").textContent = box.readers.map((reader) => reader.name).join(", ");
  $("late-text").value = texts.join("\n\n") || word("files");
  $("late-files").replaceChildren(...fresh.map(({ file }) => fileLine(file)));
  return show(STEPS.indexOf("late"));
}

async function sendLate() {
  const text = $("late-text").value.trim();
  if (!text) return $("late-text").focus();
  if (sending) return undefined;
  sending = true;
  trouble();
  try {
    if (appearsIn(text, receipt)) throw new CryptoRefused("own-receipt", "The text contains its receipt.");
    progress(word("sealing"));
    const { ask, key, fresh, known, name } = late, box = await (await ask(told.open)).json();
    // Nobody was shown other keys than those that the first version was sealed to.
    if (!box.readers.every((reader) => known.includes(reader.fingerprint))) {
      throw new CryptoRefused("changed-key", "The readers are not those of the report.");
    }
    await writeMessage({ ask, told, key, box, text, files: fresh, keepMetadata: $("id_keep_metadata").checked });
    finish(name);
  } catch (error) {
    trouble(explain(error));
  } finally {
    progress();
    sending = false;
  }
  return undefined;
}

/** After sending nothing of it stays in this document. */
function forget() {
  removeEventListener("beforeunload", warn);
  files = [];
  receipt = "";
  prepared = late = null;
  $("late-text").value = "";
  for (const control of controls(root)) {
    if (["radio", "checkbox"].includes(control.type)) control.checked = false;
    else control.value = "";
  }
  for (const id of ["receipt", "preview-facts", "preview-wishes", "preview-files", "files", "late-files"]) {
    $(id).replaceChildren();
  }
  $("preview-line").querySelector("b").textContent = $("confirm").value = "";
}

function warn(event) {
  if (controls(root).some((c) => c.tagName === "TEXTAREA" && c.value)) event.preventDefault();
}

async function start() {
  if (!globalThis.isSecureContext || !crypto.subtle) {
    $("broken").querySelector("p").textContent = word("insecure");
    return;
  }
  if (await isBetween(told.names)) return;
  root.querySelectorAll(".summary").forEach((old) => old.remove());
  $("broken").hidden = true;
  root.dataset.mode = "scripts";
  $("next").addEventListener("click", () => {
    if (!check(STEPS[step])) return;
    if (STEPS[step] === "receipt") send();
    else show(step + 1);
  });
  $("back").addEventListener("click", () => show(step - 1));
  $("late-send").addEventListener("click", sendLate);
  $("late-leave").addEventListener("click", () => finish(late.name));
  $("print").addEventListener("click", () => print());
  $("digits").addEventListener("click", () => {
    digits = !digits;
    $("digits").textContent = digits ? $("digits").dataset.words : $("digits").dataset.digits;
    newReceipt();
  });
  $("id_files").addEventListener("change", async () => {
    await addFiles([...$("id_files").files]);
    $("id_files").value = "";
  });
  root.addEventListener("input", (event) => { if (event.target.id !== "confirm") prepared = null; });
  addEventListener("beforeunload", warn);
  show(0);
}

start();

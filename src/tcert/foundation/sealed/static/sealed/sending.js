/**
 * Sealing and posting: the readers are asked for just before, the text is signed with the team's
 * key and sealed to each of them, and only ciphertext leaves. A failure sends nothing and says so.
 */
import { CryptoRefused, explain } from "openpgp/client.js";
import { compose } from "sealed/inner.js";

const TOGETHER = 25 * 1024 * 1024;
const ROUNDS = 3;

/** The hub refused; `code` and `message` are its own. */
class Refused extends Error {
  constructor({ code, message, ...detail }) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

export async function submit(url, fields) {
  const form = fields instanceof FormData ? fields : new FormData();
  if (!(fields instanceof FormData)) {
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
  }
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const response = await fetch(url, {
    method: "POST",
    body: form,
    credentials: "same-origin",
    cache: "no-store",
    headers: { "X-CSRFToken": token },
  });
  const type = response.headers.get("Content-Type") ?? "";
  const answer = type.startsWith("application/json") ? await response.json() : {};
  if (!response.ok) throw new Refused({ code: "refused", message: "", ...answer });
  return answer;
}

async function sealFiles(crypto, files, words) {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (total > TOGETHER) throw new Refused({ code: "too-large", message: words["too-large"] });
  const sealed = [];
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const made = await crypto.call("sealFile", { bytes });
    sealed.push({
      content: made.sealed,
      line: {
        name: file.name.replace(/[\u0000-\u001f\u007f/\\]/gu, "_").slice(0, 255) || "file",
        size: made.size,
        sha256: made.sha256,
        sealed_sha256: made.sealedSha256,
        passphrase: made.passphrase,
      },
    });
  }
  return sealed;
}

/**
 * Seal a text to the thread's readers and post it. `urls` has readers and post; `extra` are further
 * fields of the post. Readers that change meanwhile are sealed to anew.
 */
export async function send({ crypto, urls, kind, body, files = [], previous, extra = {}, words, tell }) {
  await crypto.needUnlocked();
  tell(words.sealing);
  const attachments = await sealFiles(crypto, files, words);
  for (let round = 1; ; round += 1) {
    const readers = await submit(urls.readers, {});
    const signer = crypto.signerOf(readers.team);
    if (signer !== readers.author) throw new Refused({ code: "no-signer", message: words["no-signer"] });
    const text = compose({
      subject: readers.subject,
      thread: readers.thread,
      kind,
      author: readers.author,
      counter: readers.counter,
      previous: previous ?? readers.previous,
      recipients: readers.recipients.map((one) => one.fingerprint),
      tlp: readers.tlp,
      person: readers.person,
      files: attachments.map((one) => one.line),
      body,
    });
    const sealed = await crypto.seal({ signer, recipients: readers.recipients, text });
    tell(words.sending);
    const form = new FormData();
    form.append("kind", kind);
    form.append("version", readers.version);
    for (const [name, value] of Object.entries(extra)) form.append(name, value);
    form.append("sealed", new Blob([sealed]), "message.pgp");
    for (const one of attachments) {
      form.append("sha256", one.line.sealed_sha256);
      form.append("files", new Blob([one.content]), "attachment.pgp");
    }
    try {
      return await submit(urls.post, form);
    } catch (error) {
      if (error.code !== "stale-recipients" || round >= ROUNDS) throw error;
    }
  }
}

/** The page's words for whatever went wrong. */
export function whyNot(error, words) {
  if (error instanceof CryptoRefused) return explain(error);
  if (error instanceof Refused) return error.message || words.network;
  return words.network;
}

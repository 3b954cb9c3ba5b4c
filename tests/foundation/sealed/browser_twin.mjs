// Seals or opens as the browser does; one request as JSON on standard input, one answer out.
import { readFileSync } from "node:fs";
import * as openpgp from "openpgp";

const root = new URL("../../../src/tcert/foundation/", import.meta.url);
const load = (path) =>
  import(`data:text/javascript,${encodeURIComponent(readFileSync(new URL(path, root), "utf8"))}`);
const { sealingWith } = await load("openpgp/static/openpgp/common.js");
const inner = await load("sealed/static/sealed/inner.js");

const sealing = sealingWith(openpgp);
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const text = (data) => Buffer.from(data).toString("base64");
const secret = (data) => openpgp.readPrivateKey({ binaryKey: bytes(data) });

const acts = {
  async seal({ fields, certificates, signer }) {
    const sealed = await sealing.seal({
      text: inner.compose(fields),
      certificates,
      signer: await secret(signer),
    });
    return { sealed: text(sealed) };
  },
  async open({ served, key, authors }) {
    const message = bytes(served);
    const opened = await sealing.open({ message, keys: [await secret(key)], authors });
    return {
      inner: inner.parse(opened.text),
      valid: opened.signatures.map((signature) => signature.valid),
      fingerprint: opened.signatures[0]?.fingerprint,
      sha256: await inner.bodyHash(message),
      signed: text(opened.signed),
    };
  },
  async sealFile({ content }) {
    const { sealed, passphrase, ...about } = await sealing.sealFile({ bytes: bytes(content) });
    return { sealed: text(sealed), passphrase, ...about };
  },
};

const { act, ...request } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(await acts[act](request)));

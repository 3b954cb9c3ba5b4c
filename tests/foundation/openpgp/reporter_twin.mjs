// Opens what the hub sealed for a reporter, and seals the same as a reporter's browser does.
import { readFileSync } from "node:fs";
import * as openpgp from "openpgp";
import * as common from "../../../src/tcert/foundation/openpgp/static/openpgp/common.js";

const sealing = common.sealingWith(openpgp);
const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const secret = (hex) => openpgp.readPrivateKey({ binaryKey: bytes(hex) });

const asked = JSON.parse(readFileSync(0, "utf8"));
const author = await secret(asked.author), reader = await secret(asked.reader);
const open = (message) => sealing.open({ message, keys: [reader], authors: [author.toPublic()] });
const { text, signed, signatures: [{ fingerprint, created, valid }] } = await open(bytes(asked.sealed));
const own = await open(await sealing.seal({
  text: asked.text, certificates: [author.toPublic(), reader.toPublic()], signer: author,
  signedAt: new Date("2020-01-01T00:00:00Z"),
}));
const opened = await sealing.openFile({ sealed: bytes(asked.file), passphrase: asked.passphrase });
const file = await sealing.sealFile({ bytes: opened, passphrase: asked.passphrase });
process.stdout.write(JSON.stringify({
  opened: { text, fingerprint, created, valid },
  signed: Buffer.from(signed).toString("hex"),
  file: Buffer.from(opened).toString("hex"),
  browserFile: Buffer.from(file.sealed).toString("hex"),
  browser: Buffer.from(own.signed).toString("hex"),
}));

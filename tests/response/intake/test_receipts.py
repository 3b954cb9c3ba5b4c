"""Receipts: entropy, normal form, derivation, and the browser's half held to the same vectors."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.response.intake import receipts

SALT = bytes(range(32))
VECTORS = Path(__file__).parents[2] / "vectors" / "receipts.json"
STATIC = Path(receipts.__file__).parent / "static" / "intake"


def test_word_list_has_7776_distinct_plain_words_and_the_browser_has_the_same():
    found = receipts.words()
    assert len(found) == len(set(found)) == 7776
    assert all(re.fullmatch("[a-z]{3,9}", word) for word in found)
    served = (STATIC / "words.js").read_text().split("`")[1].split()
    assert tuple(served) == found


def test_receipts_are_long_enough():
    """Eight words of 7,776 carry 103 bits, 32 digits 106: receipts too short were a finding."""
    assert len(receipts.new_words().split()) == 8
    digits = receipts.new_digits().split()
    assert [len(group) for group in digits] == [4] * 8
    assert len({receipts.new_words() for _ in range(200)}) == 200
    assert receipts.is_receipt(receipts.new_words())
    assert receipts.is_receipt(receipts.new_digits())


def test_the_generator_is_cryptographic():
    source = Path(receipts.__file__).read_text() + (STATIC / "receipts.js").read_text()
    assert "Math.random" not in source
    assert "import random" not in source


@pytest.mark.parametrize(
    "typed",
    [
        "abacus abdomen abide zoom cobalt antenna oil lily",
        "  ABACUS-abdomen\u2013abide,zoom\tcobalt\nantenna 0il l1ly ",
        "abacusabdomenabidezoomcobaltantennaoillily",
        "\uff41\uff42acus abdomen abide zoom cobalt antenna oil lily.",
    ],
)
def test_spelling_of_words_does_not_count(typed):
    assert receipts.normalise(typed) == "abacusabdomenabldezoomcobaltantennaollllly"


def test_spelling_of_digits_does_not_count():
    plain = "0123 4567 8901 2345 6789 0123 4567 8901"
    other = "O123-4567-89o1-2345 6789ol23 4567 89 0I"
    assert receipts.derive(plain, SALT) == receipts.derive(other, SALT)


def test_over_long_input_is_cut_before_any_work():
    assert receipts.normalise("a" * 200 + "b" * 10_000_000) == "a" * 200


def test_ids_differ_by_salt_and_purpose_and_the_hub_keeps_a_hash():
    one = receipts.derive("abacus", SALT)
    assert one.id != one.wrap
    assert one.id != receipts.derive("abacus", bytes(32)).id
    assert one.stored == hashlib.sha256(bytes.fromhex(one.id)).hexdigest()


@pytest.mark.parametrize("sent", ["", "x" * 64, "ab", "AB" * 32, "0" * 65, "é" * 64])
def test_malformed_ids_find_nothing(sent):
    assert receipts.stored(sent) == ""


def test_a_text_that_contains_its_receipt_is_found_however_spaced():
    words, digits = receipts.new_words(), receipts.new_digits()
    for receipt in (words, digits):
        for shown in (receipt, receipt.upper(), receipt.replace(" ", "\n- "), receipt[::1]):
            assert receipts.appears_in(f"my receipt: {shown}; keep it", receipt)
        assert not receipts.appears_in("a report on the HLR " * 50, receipt)
    assert not receipts.appears_in("anything", "")


@given(st.text(max_size=300))
def test_normal_form_is_stable(typed):
    form = receipts.normalise(typed)
    assert receipts.normalise(form) == form
    assert len(form) <= 2 * receipts.LONGEST_INPUT


def test_vectors():
    for vector in json.loads(VECTORS.read_text()):
        assert receipts.normalise(vector["typed"]) == vector["normal"]
        assert receipts.is_receipt(vector["typed"]) == vector["is_receipt"]
        made = receipts.derive(vector["typed"], bytes.fromhex(vector["salt"]))
        assert (made.id, made.wrap) == (vector["id"], vector["wrap"])


def test_the_browser_derives_the_same(tmp_path):
    """Run the served module under the JavaScript runtime against the same vectors."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no JavaScript runtime; the browser tests cover this")
    for name in ("receipts", "words"):
        shutil.copy(STATIC / f"{name}.js", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "run.mjs").write_text(
        """
import { readFileSync } from "node:fs";
import * as r from "./receipts.js";
const out = [];
for (const v of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const made = await r.derive(v.typed, v.salt);
  out.push({ typed: v.typed, salt: v.salt, normal: r.normalise(v.typed),
             is_receipt: r.isReceipt(v.typed), ...made });
}
for (let i = 0; i < 50; i++) {
  for (const receipt of [r.newWords(), r.newDigits()]) {
    if (!r.isReceipt(receipt) || !r.appearsIn("so: " + receipt.toUpperCase() + ".", receipt))
      throw new Error(receipt);
  }
}
console.log(JSON.stringify(out));
"""
    )
    done = subprocess.run(
        [node, tmp_path / "run.mjs", VECTORS], capture_output=True, check=True, text=True
    )
    assert json.loads(done.stdout) == json.loads(VECTORS.read_text())

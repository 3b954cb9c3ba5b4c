"""The text that is sealed, and the proof of work: Python and browser agree."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tcert.response.intake import proof, writing

STATIC = Path(writing.__file__).parent / "static" / "intake"
SECTIONS = [
    ("What and where", [("Product", " Open5GS AMF \r\n"), ("Version", "")]),
    ("Nothing", [("Empty", " \n ")]),
    ("The facts", [("What happens", "It stops.\r\nThen\rit starts."), ("ünï", "🙂")]),
]
TEXT = (
    "## What and where\n\nProduct: Open5GS AMF\n\n## The facts\n\n"
    "What happens:\n\nIt stops.\nThen\nit starts.\n\nünï: 🙂"
)


def test_text_leaves_out_what_was_left_empty():
    assert writing.compose(SECTIONS) == TEXT
    assert writing.compose([]) == ""


def test_proof_of_work_holds_for_its_token_only():
    nonce = proof.find("token", 10)
    assert proof.holds("token", nonce, 10)
    assert not proof.holds("other", nonce, 10) or proof.find("other", 10) == nonce


@pytest.mark.parametrize("nonce", ["", "-1", "x", "1" * 21, "\u0661", "1.0"])
def test_a_malformed_proof_is_refused(nonce):
    assert not proof.holds("token", nonce, 0)


def test_the_browser_writes_and_proves_the_same(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no JavaScript runtime; the browser tests cover this")
    for name in ("writing.js", "proof.js"):
        shutil.copy(STATIC / name, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "run.js").write_text(
        "import { compose } from './writing.js'; import { prove } from './proof.js';"
        f"const text = compose({json.dumps(SECTIONS)});"
        "console.log(JSON.stringify({ text, nonce: await prove('token', 10) }));"
    )
    done = subprocess.run(
        [node, "run.js"], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    assert json.loads(done.stdout) == {"text": TEXT, "nonce": proof.find("token", 10)}

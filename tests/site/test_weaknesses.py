"""The page of weaknesses says what is true: each has a defence, and a test that misses it."""

import re
import subprocess
from pathlib import Path

import pytest
from bench.removed_defences import HEAD, ROOT, Removal, removals, table

PAGE = ROOT / "docs" / "security" / "weaknesses.md"
AUDITED = (
    "plaintext spooled to disk before encryption",
    "receipts too short",
    "one recipient able to switch encryption off for others",
    "attachments served by id without a permission check",
    "secrets from a non-cryptographic generator",
    "timing differences on token look-up",
    "stored script through text trusted as “already encrypted”",
    "third-party origin allowed by the content security policy",
    "server-side request forgery through an address to verify",
    "server-side request forgery by redirect",
    "server-side request forgery by DNS rebinding",
    "clear-text fallback after a client crypto time-out",
    "sequential ids",
    "reading or enrolling another person's second factor",
    "log-out by cross-site request",
    "unauthenticated local services",
    "error pages that tell too much",
    "over-long receipt",
    "debug output",
    "mail headers that fingerprint the host",
    "one reporter deleting another's replies",
    "global throttle as denial of service",
    "key creation date that tells the submission time",
    "proof-of-work token replay",
    "header-only check of “encrypted” content",
    "decompression bomb",
)
"""Found by audits of comparable systems (design/confidentiality.md); traps come on top of them."""

FOUND = removals()


def test_every_weakness_of_the_list_has_a_defence_that_was_removed_once():
    assert {one.weakness for one in FOUND if not one.weakness.startswith("trap: ")} == set(AUDITED)
    assert len([one for one in FOUND if one.weakness.startswith("trap: ")]) >= 10


def test_the_page_has_the_row_of_each():
    assert table(FOUND) in PAGE.read_text()


@pytest.mark.parametrize("removal", FOUND, ids=lambda removal: removal.path.stem)
def test_its_tests_exist_and_its_patch_applies(removal):
    assert removal.tests
    for test in removal.tests:
        file, _, name = test.partition("::")
        assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE), test
    applied = ["git", "apply", "--check", str(removal.path)]
    done = subprocess.run(applied, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_head_that_is_not_whole_is_an_error(tmp_path: Path):
    path = tmp_path / "99-x.patch"
    path.write_text("Weakness: x\nDefence: x\nRemoved: x\n\ndiff --git a/x b/x\n")
    with pytest.raises(ValueError, match="says"):
        Removal.read(path)
    path.write_text("".join(f"{name}: x\n" for name in HEAD) + "\ndiff --git a/x b/x\n")
    assert Removal.read(path).tests == ("x",)

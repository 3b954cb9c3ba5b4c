import json
import os
import shutil
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.sealed.inner import (
    Attachment,
    Inner,
    InnerRefused,
    Kind,
    compose,
    differences,
    is_padded,
    nameable,
    parse,
    read_file,
    read_handover,
    write_handover,
)

HERE = Path(__file__).parent
VECTORS = json.loads((HERE.parents[1] / "vectors" / "inner.json").read_text())
NODE = shutil.which("node")


def inner(fields):
    files = tuple(Attachment(**file) for file in fields["files"])
    return Inner(**{**fields, "files": files, "recipients": tuple(fields["recipients"])})


@pytest.mark.parametrize("vector", VECTORS["composed"], ids=lambda vector: vector["why"])
def test_composes_and_parses(vector):
    assert compose(inner(vector["fields"])) == vector["text"]
    assert parse(vector["text"]) == inner(vector["parsed"])
    assert parse("\ufeff" + vector["text"].replace("\n", "\r\n")) == inner(vector["parsed"])
    assert is_padded(vector["text"])
    assert len(vector["text"].encode()) in {1024, 2048}


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["why"])
def test_refuses(vector):
    with pytest.raises(InnerRefused) as caught:
        parse(vector["text"])
    assert caught.value.args == (vector["line"],)


def test_hand_overs():
    for vector in VECTORS["handovers"]:
        signed = bytes.fromhex(vector["signed"])
        body = write_handover(vector["note"], signed)
        assert body == vector["body"]
        assert read_handover(body) == (vector["note"], signed)
        for bad in (
            body[:-30],
            body + body,
            body + "more",
            body.replace("-----\n\n", "-----\n\n!"),
        ):
            with pytest.raises(InnerRefused):
                read_handover(bad)


def test_differences_from_what_the_hub_claims():
    message = parse(VECTORS["composed"][0]["text"])
    for vector in VECTORS["differences"]:
        assert differences(message, vector["claim"]) == vector["names"]


@pytest.mark.skipif(
    not os.environ.get("CI") and NODE is None, reason="install node to run the browser's twin"
)
def test_the_browser_does_the_same():
    done = subprocess.run(
        [NODE or "node", "--test", "--test-reporter=tap", "inner.test.mjs"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("A. Person", "A. Person"),
        (" A.\r\nCounter: 9\t Person ", "A. Counter: 9 Person"),
        ("A\u202e\u2066\u200b\x00\x07 \u200f P\u061c", "A P"),
        ("\u3164\u200b \x1b\U000e0041", ""),
        ("", ""),
        ("é" * 300, "é" * 120),
        ("é" * 119 + " é", "é" * 119),
        ("山田\u3000太郎", "山田 太郎"),
    ],
)
def test_a_name_is_made_harmless_before_it_is_put_in(name, shown):
    """A colleague's account name reaches other teams' pages and terminals through this line."""
    assert nameable(name) == shown


@given(st.text(max_size=400))
def test_whatever_name_an_account_has_its_messages_can_be_written(name):
    person = nameable(name)
    assert parse(compose(replace(FIRST, person=person))).person == person


@pytest.mark.parametrize("name", ["A\nCounter: 9", "A\u202eB", " A", "A" * 121, "A\ud800"])
def test_a_name_that_was_not_made_harmless_is_not_written(name):
    with pytest.raises(InnerRefused, match="Person"):
        compose(replace(FIRST, person=name))


FIRST = inner(VECTORS["composed"][0]["parsed"])
lines = st.characters(codec="utf-8")
attachments = st.builds(
    Attachment,
    name=st.text(lines.filter(lambda c: c >= " " and c not in "/\\\x7f"), min_size=1, max_size=99),
    size=st.integers(0, 2**40 - 1),
    sha256=st.just("0" * 64),
    sealed_sha256=st.just("f" * 64),
    passphrase=st.text("abcXYZ019-_", min_size=20, max_size=60),
)


@given(
    st.builds(
        replace,
        st.just(FIRST),
        kind=st.sampled_from(Kind),
        counter=st.integers(1, 999_999_999),
        files=st.lists(attachments, max_size=4).map(tuple),
        body=st.text(lines.filter(lambda c: c != "\r"), max_size=3000),
    )
)
def test_what_is_composed_is_parsed_again_and_its_length_says_little(message):
    text = compose(message)
    assert asdict(parse(text)) == asdict(message)
    size = len(text.encode())
    assert size & (size - 1) == 0


@given(st.text(max_size=200))
def test_no_text_crashes_the_reader(text):
    with pytest.raises(InnerRefused):
        parse(text)


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        '{"a":' * 50_000,
        '{"name":"a","size":' + "9" * 5000 + "}",
        '{"name":"\\ud800","size":1}',
        "null",
        "",
    ],
    ids=lambda line: line[:20],
)
def test_a_file_line_of_whatever_depth_is_refused(line):
    """A party could have broken the reporter's mailbox with one line of its message."""
    text = compose(FIRST).replace("\nPad: ", f"\nFile: {line}\nPad: ", 1)
    with pytest.raises(InnerRefused, match="File"):
        parse(text)
    with pytest.raises(InnerRefused, match="File"):
        read_file(line)


@given(
    st.text(max_size=60), st.sampled_from(compose(FIRST).split("\n", 10)[:10]), st.integers(0, 400)
)
def test_a_changed_header_is_refused_or_read_as_one(typed, line, at):
    text = compose(FIRST)
    place = text.index(line) + at % (len(line) + 1)
    try:
        read = parse(text[:place] + typed + text[place:])
    except InnerRefused:
        return
    assert compose(read)

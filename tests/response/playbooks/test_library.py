"""The playbooks that ship: every kind has one, what they name exists, and the files are whole."""

import shutil
from datetime import date

import pytest

from tcert.foundation.language.vocabularies import vocabulary
from tcert.response.playbooks import library, words, writing
from tcert.response.playbooks.enums import Box, Kind, Place, Reach
from tcert.response.playbooks.reading import UnreadableError

pytestmark = pytest.mark.once

EVERY = list(library.playbooks().values())


def codes(slug: str) -> set[str]:
    return {term.code for term in vocabulary(slug).terms}


def test_each_kind_has_its_playbook():
    assert [one.kinds for one in EVERY] == [(kind,) for kind in Kind]
    for kind in Kind:
        assert [one.kinds for one in library.for_kind(kind)] == [(kind,)]
    assert library.for_kind("no-such-kind") == ()
    assert library.for_kind("") == ()


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.slug)
def test_what_a_playbook_names_exists(one):
    """An identifier that nobody can look up is worse than none."""
    assert set(one.fight) <= codes("fight-technique")
    assert set(one.motif) <= codes("motif-technique")
    own = {call.domain for call in one.calls if call.place is Place.OWN}
    assert own
    assert own <= codes("telecom-domain")
    assert {Place.OWN, Place.DIRECTORY, Place.DESK} <= {call.place for call in one.calls}


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.slug)
def test_a_playbook_can_be_worked_by(one):
    """Short enough for the night, and never silent on whom it must not harm."""
    assert [box.box for box in one.boxes] == list(Box)
    assert 10 <= sum(len(box.steps) for box in one.boxes) <= 18
    assert len(one.boxes[0].steps) >= 3
    assert 4 <= len(one.pairs) <= 8
    assert len(one.sources) >= 3
    spared = " ".join(one.spare).lower()
    assert "emergency" in spared or "call for help" in spared
    assert "lawful interception" in spared or "lawful" in spared or one.slug in NO_INTERCEPTION
    assert one.reviewed <= date.today()  # noqa: DTZ011 - the day of a file, not of the hub


NO_INTERCEPTION = {"roaming-fraud-spike", "signalling-storm"}
"""They touch no data of subscribers on which interception hangs."""


def test_documents_for_members_only_are_named_by_title_alone():
    """Their content is not ours to repeat, and a clause of theirs nobody here can check."""
    closed = [s for one in EVERY for s in one.sources if s.reach is Reach.MEMBERS]
    assert {s.document for s in closed} >= {"GSMA FS.07", "GSMA FS.11", "GSMA FS.19", "GSMA FS.20"}
    assert all(not s.clause and not s.url for s in closed)
    named = [s for one in EVERY for s in one.sources if s.document.startswith("GSMA FS")]
    assert {s.reach for s in named} == {Reach.MEMBERS}


def test_a_step_is_cited_by_a_fragment_that_stands_once():
    for one in EVERY:
        anchors = [step.anchor for box in one.boxes for step in box.steps]
        anchors += [pair.anchor for pair in one.pairs]
        anchors += [section.anchor for section in words.SECTIONS.values()] + list(Box)
        assert len(anchors) == len(set(anchors))


def test_each_word_of_the_page_has_its_label():
    assert set(words.BOXES) == set(Box)
    assert set(words.PLACES) == set(Place)


def test_search_takes_all_words():
    assert [one.slug for one in library.searched_for("SS7 Location")] == ["ss7-location-tracking"]
    assert [one.slug for one in library.searched_for("2123")] == ["exposed-edge"]
    assert library.searched_for("ss7 no-such-word") == ()
    assert library.searched_for("  ") == ()


def texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for one in value for text in texts(one)]
    fields = getattr(value, "__dataclass_fields__", {})
    return [text for name in fields for text in texts(getattr(value, name))]


def squeezed(text: str) -> str:
    return "".join(text.replace("\\", "").split())


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.slug)
@pytest.mark.parametrize("write", [writing.plain_text, writing.markdown])
def test_the_files_hold_everything(one, write):
    """Whoever has only the file on paper must not miss a step."""
    address = f"https://hub.example/playbooks/{one.slug}/"
    file = write(one, address)
    held = squeezed(file)
    hidden = {s.code for b in one.boxes for s in b.steps} | {p.code for p in one.pairs}
    hidden |= {c.domain for c in one.calls} | {*Kind, *Box, *Place, *Reach, one.slug, one.language}
    assert [t for t in texts(one) if t not in hidden and squeezed(t) not in held] == []
    steps = sum(len(box.steps) for box in one.boxes)
    assert file.count("[ ]") == steps
    assert address in file
    if write is writing.plain_text:
        assert all(len(line) <= 78 or "https://" in line for line in file.split("\n"))


def test_marks_of_markdown_are_taken_as_text():
    pen_text = writing.markdown(EVERY[0], "https://hub.example/")
    assert "\n# SS7 location tracking" in f"\n{pen_text}"
    assert "<" not in pen_text.replace("\\<", "")


def test_a_folder_with_a_bad_file_says_which(tmp_path):
    shutil.copy(library.DATA / "sim-swap.toml", tmp_path)
    assert list(library.read_folder(tmp_path)) == ["sim-swap"]
    (tmp_path / "broken.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(UnreadableError, match=r"broken\.toml: is not UTF-8"):
        library.read_folder(tmp_path)


def test_a_bad_file_is_told_when_the_hub_starts(tmp_path, monkeypatch):
    """Rather than on the page at night."""
    assert library.check() == []
    (tmp_path / "broken.toml").write_text("title = 1")
    monkeypatch.setattr(library, "DATA", tmp_path)
    library.playbooks.cache_clear()
    try:
        (error,) = library.check()
    finally:
        library.playbooks.cache_clear()
    assert error.id == "playbooks.E001"
    assert "broken.toml: field “title”: must be text" in error.msg

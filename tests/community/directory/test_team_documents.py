"""What is written about a team: in the forms of the specifications, whatever people typed."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sectxt
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.directory.documents import (
    jscontact,
    languages,
    rfc2350,
    securitytxt,
    vcard,
)
from tcert.community.directory.documents.facts import Key, Reach, TeamFacts, lines
from tcert.community.directory.enums import Section

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOME = "https://hub.example/directory/teams/1/"
BREAKS = "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
hostile = st.text(
    st.one_of(
        st.sampled_from(BREAKS + TURNING + ',;:\\"^=\x00\t [](){}%'),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=60,
) | st.sampled_from(
    [
        "1.1. Date of Last Update\n\n   2099-01-01",
        "a\r\nContact: mailto:evil@e.example",
        "x\r\nEND:VCARD\r\nBEGIN:VCARD",
        'y","kind":"individual',
        "z\u2028TEL:+1",
        "[::1",
    ]
)
kinds = st.sampled_from(["email", "phone", "web", "fax"])
purposes = st.sampled_from(["main", "24/7", "disclosure"])
channels = st.lists(
    st.builds(Reach, kinds, purposes, hostile | hostile.map(lambda t: f"https://{t}")), max_size=4
).map(tuple)
teams = st.builds(
    TeamFacts,
    id=st.just(UUID(int=1)),
    name=hostile,
    organisation=hostile,
    updated_at=st.just(NOW),
    home=st.just(HOME),
    website=hostile.map(lambda t: f"https://{t}"),
    policy=hostile.map(lambda t: f"https://{t}"),
    zone=hostile,
    languages=st.lists(st.sampled_from(sorted(languages.NAMES)), max_size=3).map(tuple),
    channels=channels,
    key=st.none() | st.just(Key("AB" * 20, f"{HOME}keys/AB.asc", NOW + timedelta(days=30))),
    texts=st.dictionaries(
        st.sampled_from([str(s) for s in Section]),
        st.dictionaries(st.sampled_from(["en", "fi", "ar"]), hostile, max_size=2),
        max_size=4,
    ),
    for_members=st.booleans(),
)


def team(**changes):
    known = {
        "id": UUID(int=7),
        "name": "Altus CERT",
        "organisation": "Altus Networks",
        "updated_at": NOW,
        "home": HOME,
        "website": "https://altus.example/",
        "policy": "https://altus.example/policy",
        "zone": "Europe/Helsinki",
        "languages": ("en", "fi"),
        "channels": (
            Reach("email", "main", "cert@altus.example"),
            Reach("phone", "24/7", "+358 9 123 4567"),
            Reach("web", "disclosure", "https://altus.example/report"),
        ),
        "key": Key("AB" * 20, f"{HOME}keys/{'AB' * 20}.asc", NOW + timedelta(days=400)),
        "texts": {
            "2.2": {"en": "Mast Street 1\n00100 Helsinki"},
            "3.1": {"en": "We repair.", "fi": "Korjaamme."},
            "3.2": {"fi": "Altuksen verkot"},
        },
        "for_members": True,
    }
    return TeamFacts(**{**known, **changes})


def test_the_document_has_every_section_of_the_template_in_order():
    written = rfc2350.write(team())
    heads = [line for line in written.splitlines() if line and line[0] != " "]
    assert heads == ["RFC 2350", *(f"{n}. {t}" for n, t in rfc2350.TITLES.items())]
    assert {str(section) for section in Section} < set(rfc2350.TITLES)


def test_a_text_stands_in_the_language_asked_for_or_says_that_it_does_not():
    entries = {e.number: e for e in rfc2350.outline(team(), "fi")}
    assert (entries["3.1"].body, entries["3.1"].remark) == ("Korjaamme.", "")
    assert entries["2.2"].remark == "Not available in Finnish; this is the text in English."
    entries = {e.number: e for e in rfc2350.outline(team())}
    assert entries["3.1"].body == "We repair."
    assert entries["3.2"].remark == "Not available in English; this is the text in Finnish."
    assert entries["7"].body == rfc2350.NOTHING


def test_of_fifty_languages_only_the_one_that_is_shown_is_worked_on():
    """Else one team with much text slows down every page of its own."""

    class Read(dict):
        def get(self, tag, other=None):
            read.append(tag)
            return super().get(tag, other)

        __getitem__ = values = items = None

    read = []
    texts = {"3.1": Read(dict.fromkeys(languages.NAMES, "We mend."))}
    assert "We mend." in rfc2350.write(team(texts=texts), "fi")
    assert read == ["fi"]


def test_who_may_not_read_the_texts_is_not_told_which_there_are():
    with_texts = rfc2350.write(team(for_members=False))
    assert with_texts == rfc2350.write(team(for_members=False, texts={}))
    assert "Mast Street" not in with_texts


def test_a_page_for_strangers_lists_what_is_there_under_its_headings():
    there = team(for_members=False, zone="", channels=team().channels[:1], languages=())
    shown = [e.number for e in rfc2350.without_kept(rfc2350.outline(there))]
    assert shown == ["1", "1.1", "1.3", "2", "2.1", "2.7", "2.8"]
    everything = rfc2350.outline(team())
    assert rfc2350.without_kept(everything) == everything


@given(teams)
def test_no_text_of_a_team_looks_like_a_heading_or_turns_a_line(facts):
    written = rfc2350.write(facts)
    heads = [line for line in written.splitlines() if line.strip() and not line.startswith("   ")]
    assert heads == ["RFC 2350", *(f"{n}. {t}" for n, t in rfc2350.TITLES.items())]
    assert not set(written) & set(TURNING + BREAKS.replace("\n", "") + "\x00")


@given(teams)
def test_security_txt_holds_the_fields_that_we_write_and_no_other(facts):
    try:
        written = securitytxt.write(facts, NOW)
    except securitytxt.NoContact:
        assert not [
            c for c in facts.channels if c.kind in {"email", "phone"} and c.purpose != "24/7"
        ]
        return
    assert written.endswith("\r\n")
    assert not re.search(r"[^\x20-\x7e]", written.replace("\r\n", ""))
    names = [line.partition(": ")[0] for line in written.split("\r\n")[:-1]]
    assert names.count("Expires") == 1
    assert set(names) <= {
        "Contact", "Expires", "Encryption", "Preferred-Languages", "Canonical", "Policy",
    }  # fmt: skip
    assert names.count("Contact") <= len(facts.channels)


def test_sectxt_accepts_the_security_txt():
    written = securitytxt.write(team(), datetime.now(UTC))
    parsed = sectxt.Parser(written.encode())
    assert parsed.is_valid(), parsed.errors
    assert parsed.contact_emails == ["mailto:cert@altus.example"] or parsed.contact_email
    assert parsed.preferred_languages == ["en", "fi"]
    first = written.splitlines()[0]
    assert first == "Contact: https://altus.example/report"
    assert "+358" not in written  # the emergency number is no contact for reports


@pytest.mark.parametrize(
    ("changes", "languages"),
    [
        ({}, ["en", "fi"]),
        ({"languages": ("de", "pt-BR", "zh-Hans", "ar")}, ["de", "pt-BR", "zh-Hans", "ar"]),
        ({"languages": ()}, None),
        ({"key": None, "website": "", "policy": ""}, ["en", "fi"]),
        ({"website": "https://münchen.example/", "policy": "http://plain.example/"}, ["en", "fi"]),
        ({"channels": (Reach("phone", "main", "+358 9 123 4567"),)}, ["en", "fi"]),
        ({"channels": (Reach("email", "main", "first.last+cert%1@altus.example"),)}, ["en", "fi"]),
    ],
)
def test_sectxt_accepts_the_security_txt_of_teams_of_many_kinds(changes, languages):
    """Another's parser finds no error, and reads the key for who writes and the languages."""
    facts = team(**changes)
    parsed = sectxt.Parser(securitytxt.write(facts, datetime.now(UTC)).encode())
    assert parsed.is_valid(), parsed.errors
    # That the file is not signed and that the hub's own copy is another place are advice only.
    assert {one["code"] for one in parsed.recommendations} <= {
        "not_signed", "no_encryption", "no_csaf", "no_canonical",
    }  # fmt: skip
    assert parsed.preferred_languages == languages
    read = [line for line in parsed.lines if line["type"] == "field"]
    sealed = [line["value"] for line in read if line["field_name"] == "encryption"]
    assert sealed == ([facts.key.url] if facts.key else [])


def test_sectxt_refuses_it_once_it_has_expired():
    """The day that we write is one that others hold us to."""
    written = securitytxt.write(team(), datetime.now(UTC) - securitytxt.LASTS - timedelta(days=2))
    parsed = sectxt.Parser(written.encode())
    assert "expired" in {one["code"] for one in parsed.errors}


def test_security_txt_expires_before_the_key_does():
    soon = Key("AB" * 20, f"{HOME}k.asc", NOW + timedelta(days=3))
    assert "Expires: 2026-03-04T12:00:00Z" in securitytxt.write(team(key=soon), NOW)
    assert "Expires: 2026-05-30T00:00:00Z" in securitytxt.write(team(), NOW)


def properties(card: str) -> list[tuple[str, str]]:
    """Read a vCard as RFC 6350 says: unfold, then name with parameters before the colon."""
    found = []
    for line in card.replace("\r\n ", "").split("\r\n")[:-1]:
        head = re.match(r'((?:[^":]|"[^"]*")*):', line)
        assert head, line
        found.append((head[1], line[head.end() :]))
    return found


def plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value)


@given(teams)
def test_a_vcard_has_the_properties_that_we_write_each_on_its_line(facts):
    card = vcard.write(facts)
    assert all(len(line.encode()) <= vcard.LONGEST for line in card.split("\r\n"))
    assert not set(card.replace("\r\n", "")) & set(BREAKS + TURNING)
    read = properties(card)
    names = [head.partition(";")[0] for head, _value in read]
    assert (names[0], names[-1], names.count("BEGIN"), names.count("END")) == (
        "BEGIN", "END", 1, 1,
    )  # fmt: skip
    kinds = [c.kind for c in facts.channels]
    assert names.count("EMAIL") == kinds.count("email")
    assert names.count("TEL") == kinds.count("phone") + kinds.count("fax")
    assert names.count("ADR") == len(facts.texts.get("2.2", {}))
    name = " ".join(" ".join(lines(facts.name)).split())
    (said,) = [value for head, value in read if head == "ORG"]
    parts = re.split(r"(?<!\\)(?:\\\\)*;", said)
    assert len(parts) == 2
    assert plain(said).endswith(name)


def test_a_vcard_of_a_team():
    read = dict(properties(vcard.write(team())))
    assert read["FN"] == "Altus CERT (Altus Networks)"
    assert read['TEL;PREF=2;VALUE=uri;TYPE="work,voice"'] == "tel:+35891234567"
    assert read['ADR;LANGUAGE=en;LABEL="Mast Street 1^n00100 Helsinki"'] == ";;;;;;"
    assert read["REV"] == "20260301T120000Z"


@given(teams)
def test_a_jscontact_card_is_json_with_the_members_that_we_write(facts):
    card = json.loads(jscontact.write(facts))
    assert card == jscontact.card(facts)
    assert set(card) <= {
        "@type", "version", "uid", "kind", "updated", "name", "organizations", "emails", "phones",
        "links", "preferredLanguages", "addresses", "cryptoKeys",
    }  # fmt: skip
    assert all(re.fullmatch(r"tel:\+\d*", p["number"]) for p in card.get("phones", {}).values())
    for one in card.get("emails", {}).values():
        assert not set(one["address"]) & set(BREAKS + TURNING)


def test_a_jscontact_card_of_a_team():
    card = jscontact.card(team())
    assert card["emails"]["e1"]["address"] == "cert@altus.example"
    assert card["phones"]["p2"]["number"] == "tel:+35891234567"
    assert card["addresses"]["a1"] == {
        "full": "Mast Street 1\n00100 Helsinki",
        "timeZone": "Europe/Helsinki",
    }


def test_languages_are_read_as_people_write_them_and_never_guessed():
    assert languages.read("English, Finnish") == (["en", "fi"], "")
    assert languages.read("EN / sv-FI & Deutsch and norsk") == (["en", "sv", "de", "nb"], "")
    assert languages.read("English, French in office hours") == (
        ["en"],
        "English, French in office hours",
    )
    assert languages.read(" ,; ") == ([], "")
    assert languages.read("Français et English, et") == (["fr", "en", "et"], "")
    assert languages.read("en/ET") == (["en", "et"], "")


@given(st.text(max_size=80))
def test_reading_languages_keeps_what_it_does_not_understand(text):
    tags, left = languages.read(text)
    assert set(tags) <= set(languages.NAMES)
    assert len(tags) == len(set(tags))
    assert left in {"", text.strip()}

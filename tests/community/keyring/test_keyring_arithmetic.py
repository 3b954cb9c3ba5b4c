"""The keyring's arithmetic: places, questions, texts, and what a key is known by."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcert.community.keyring import hkp, sheet, statements, verification, wkd
from tcert.community.keyring.enums import Basis, Level

AT = datetime(2026, 11, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_example_of_the_draft_lies_where_it_says():
    """draft-koch-openpgp-webkey-service, section 3.1."""
    name = "iy9q119eutrkn8s1mk4r39qejnbu3n5q"
    assert wkd.name_of("Joe.Doe@Example.ORG") == name
    assert wkd.advanced_url("Joe.Doe@Example.ORG") == (
        f"https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/{name}?l=Joe.Doe"
    )
    assert wkd.direct_url("Joe.Doe@Example.ORG") == (
        f"https://example.org/.well-known/openpgpkey/hu/{name}?l=Joe.Doe"
    )


@given(st.binary(max_size=40))
def test_zbase32_keeps_every_bit(data):
    letters = "ybndrfg8ejkmcpqxot1uwisza345h769"
    text = wkd.zbase32(data)
    bits = "".join(f"{letters.index(c):05b}" for c in text)
    assert len(text) == -(-len(data) * 8 // 5)
    assert bits[: len(data) * 8] == "".join(f"{byte:08b}" for byte in data)
    assert set(bits[len(data) * 8 :]) <= {"0"}


@pytest.mark.parametrize("text", ["", "@", "a@", "@b", "no address", "a b@c.example", "a@b\x00c"])
def test_what_is_no_address_has_no_place(text):
    with pytest.raises(wkd.NoAddress):
        wkd.name_of(text)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text):
    try:
        url = wkd.direct_url(text)
    except wkd.NoAddress:
        return
    assert url.startswith("https://")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0x" + "ab" * 20, hkp.Search(fingerprint="AB" * 20)),
        ("CD" * 32, hkp.Search(fingerprint="CD" * 32)),
        ("0x0123456789abcdef", hkp.Search(key_id="0123456789ABCDEF")),
        ("Cert@Team.Example", hkp.Search(address="cert@team.example")),
        ("<cert@team.example>", hkp.Search(address="cert@team.example")),
    ],
)
def test_an_exact_question_is_read(text, found):
    assert hkp.read_search(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "0x89abcdef", "team", "@team.example", "cert@", "0x" + "a" * 39, "x" * 301, "a@b\n", "%"],
)
def test_a_question_that_lists_is_refused(text):
    """A short key id or a part of a name would let strangers list who is here."""
    with pytest.raises(hkp.NotExact):
        hkp.read_search(text)


def test_the_index_is_lines_of_fields_that_no_name_can_break():
    told = hkp.Found("AB" * 20, "22", AT, AT - DAY, True, ("A:B\nuid:x <a@b.example>",))
    assert hkp.index([told], AT).splitlines() == [
        "info:1:1",
        f"pub:{'AB' * 20}:22::{int(AT.timestamp())}:{int((AT - DAY).timestamp())}:re",
        "uid:A%3AB%0Auid%3Ax <a@b.example>:::",
    ]


STATEMENT = statements.Statement(
    hub="https://hub.example",
    by_team=UUID(int=1),
    by_key="AA" * 20,
    of_team=UUID(int=2),
    of_key="BB" * 20,
    basis=Basis.PHONE,
    checked_on=date(2026, 11, 29),
    until=date(2028, 11, 29),
)


def test_the_signed_text_is_fixed():
    """Signatures are kept for years: another byte, and none of them can be checked any more."""
    digest = hashlib.sha256(STATEMENT.text().encode("ascii")).hexdigest()
    assert STATEMENT.text().splitlines()[0] == "TCERT key attestation, version 1"
    assert STATEMENT.text().endswith("not from the hub.\n")
    assert digest == "bf51bcc1430186fc1192365ec79a6669c4a87b701e37fe252260ad099519c5f8"


@given(st.integers(0, 50), st.booleans())
def test_only_the_end_of_the_fingerprint_itself_counts(length, spaced):
    fingerprint = "0123456789ABCDEF" * 2 + "FEDC4321"
    typed = fingerprint[-length:] if length else ""
    shown = " ".join(typed).lower() if spaced else typed
    assert statements.same_ending(shown, fingerprint) == (length >= 16)
    assert not statements.same_ending(f"{shown}G", fingerprint)


MOMENTS = st.none() | st.integers(-800, 30).map(lambda days: AT + days * DAY)
HOUSES = st.sampled_from([UUID(int=n) for n in range(3)])
GIVEN = st.builds(
    verification.Given,
    by_team=HOUSES,
    by_house=HOUSES,
    of_house=HOUSES,
    made_at=st.integers(-800, 5).map(lambda days: AT + days * DAY),
    expires_at=st.integers(-100, 800).map(lambda days: AT + days * DAY),
    ended_at=MOMENTS,
    giver_is_listed=st.booleans(),
    signer_is_broken=st.booleans(),
)
FACTS = st.builds(
    verification.Facts,
    mail_proved_at=MOMENTS,
    domain_seen_at=MOMENTS,
    desk_confirmed_at=MOMENTS,
    carried_over_at=MOMENTS,
    attestations=st.lists(GIVEN, max_size=5).map(tuple),
)


@given(FACTS)
@settings(max_examples=200)
def test_a_key_is_known_by_something_or_unproven_never_both(facts):
    found = verification.verify(facts, AT)
    assert found.levels
    assert (Level.UNPROVEN in found.levels) == (found.levels == (Level.UNPROVEN,))
    assert list(found.levels) == [level for level in Level if level in found.levels]
    assert (Level.ATTESTED in found.levels) == (found.teams > 0)


@given(FACTS, GIVEN)
def test_another_attestation_never_makes_less_of_a_key(facts, one):
    more = verification.Facts(
        facts.mail_proved_at,
        facts.domain_seen_at,
        facts.desk_confirmed_at,
        facts.carried_over_at,
        (*facts.attestations, one),
    )
    before, after = verification.verify(facts, AT), verification.verify(more, AT)
    assert set(before.levels) - {Level.UNPROVEN} <= set(after.levels)
    assert before.teams <= after.teams <= before.teams + 1


def one_given(**changed):
    fields = {
        "by_team": uuid4(),
        "by_house": uuid4(),
        "of_house": uuid4(),
        "made_at": AT - DAY,
        "expires_at": AT + DAY,
        "ended_at": None,
        "giver_is_listed": True,
        "signer_is_broken": False,
    }
    return verification.Given(**{**fields, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"by_house": UUID(int=7), "of_house": UUID(int=7)},
        {"made_at": AT + DAY},
        {"expires_at": AT},
        {"ended_at": AT},
        {"giver_is_listed": False},
        {"signer_is_broken": True},
    ],
)
def test_what_does_not_count(changed):
    assert one_given().counts(AT)
    assert not one_given(**changed).counts(AT)


def test_a_look_at_a_domain_counts_for_ninety_days():
    seen = verification.Facts(domain_seen_at=AT)
    assert verification.verify(seen, AT + 89 * DAY).levels == (Level.DOMAIN,)
    assert verification.verify(seen, AT + 90 * DAY).levels == (Level.UNPROVEN,)


@pytest.mark.parametrize(
    ("days", "stage"), [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 0), (-5, 0)]
)
def test_the_stage_of_a_key_that_runs_out(days, stage):
    assert verification.expiry_stage(AT + days * DAY, AT) == stage


def test_the_sheets_hash_is_that_of_what_stands_below_it():
    lines = [sheet.Line("CERT\nOne", "ONE", "AB" * 20, "sealing", date(2027, 1, 1))]
    body = sheet.body(lines, hub="https://hub.example", on=date(2026, 11, 30))
    written = sheet.written(body)
    head, _empty, rest = written.partition("\n\n")
    assert rest == body
    said = head.splitlines()[1].replace(" ", "")
    assert said == hashlib.sha256(rest.encode()).hexdigest().upper()
    assert "001 CERT One (ONE)" in body
    assert "ABAB ABAB" in body

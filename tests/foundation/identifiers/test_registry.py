"""What holds for every kind, the vectors of design/routing.md, and guesses."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import guess, networks, parse

HEX = "[0-9a-fA-F]"
NAME = r"[a-zA-Z0-9]{1,20}(\.[a-zA-Z0-9]{1,20}){0,3}"
PLMN_NAME = r"mnc[0-9]{3}\.mcc[0-9]{3}"
WRITTEN = {
    Kind.PLMN: r"[0-9]{3}[- /]?[0-9]{2,3}",
    Kind.IMSI: r"(imsi-)?[0-9]{6,15}",
    Kind.SUCI: (
        rf"suci-0-[0-9]{{3}}-[0-9]{{2,3}}-[0-9]{{1,4}}"
        rf"-(0-0-[0-9]{{1,9}}|[1-9a-f]-2[0-9]-{HEX}{{1,90}})"
    ),
    Kind.GUTI: rf"guti-[0-9]{{3}}-[0-9]{{2,3}}-{HEX}{{4}}-{HEX}{{2}}-{HEX}{{8}}",
    Kind.GUTI_5G: rf"5g-guti-[0-9]{{5,6}}{HEX}{{14}}",
    Kind.NAI: rf"[0-9a-zA-Z.+=]{{1,40}}@ims\.{PLMN_NAME}\.3gppnetwork\.org",
    Kind.IMEI: r"[0-9]{14}([0-9]{2})?",
    Kind.TAC: r"[0-9]{8}",
    Kind.MSISDN: r"\+(1|44|49|298|881)( ?[0-9]){5,12}",
    Kind.MSISDN_RANGE: r"\+(1|44|49|298|881)[0-9]{0,12}\*?",
    Kind.GLOBAL_TITLE: r"\+?(1|44|49|298|881)[0-9]{4,12}(;np=[0-7])?(;nai=[0134])?",
    Kind.GT_RANGE: r"49[0-4][0-9]{4}-49[5-9][0-9]{4}",
    Kind.POINT_CODE_INTERNATIONAL: r"[0-7]-(1?[0-9]{1,2}|25[0-5])-[0-7]",
    Kind.POINT_CODE_NATIONAL: r"(DE|fr|Gb)[/ :][23][/ :]1?[0-9]{1,4}",
    Kind.POINT_CODE_ANSI: r"(1?[0-9]{1,2}-){2}25[0-5]",
    Kind.ECGI: rf"[0-9]{{3}}-?[0-9]{{2,3}}-{HEX}{{7}}",
    Kind.NCGI: rf"[0-9]{{3}}-?[0-9]{{2,3}}-{HEX}{{9}}",
    Kind.TAI: rf"[0-9]{{3}}-?[0-9]{{2,3}}-({HEX}{{4}}|{HEX}{{6}})",
    Kind.DIAMETER_REALM: rf"{NAME}\.(net|{PLMN_NAME}\.3gppnetwork\.org)\.?",
    Kind.DIAMETER_HOST: rf"{NAME}\.(net|{PLMN_NAME}\.3gppnetwork\.org)\.?",
    Kind.FQDN_5G: rf"({NAME}\.)?5gc\.{PLMN_NAME}\.(pub\.)?3gppnetwork\.org",
    Kind.APN: rf"({NAME}\.)?{PLMN_NAME}\.gprs",
    Kind.IP: r"([0-9]|[1-9][0-9]|1[0-9]{2})(\.([0-9]|[1-9][0-9]|1[0-9]{2})){3}",
    Kind.CIDR: r"1[0-9]\.0\.0\.0/(8|16|24)",
    Kind.ASN: r"(AS|as)?([0-9]{1,9}|[1-9][0-9]{0,3}\.[0-9]{1,4})",
    Kind.DOMAIN: r"([a-zäöüßΩжع]{1,10}\.){1,3}example\.?",
    Kind.EMAIL: r"[a-zA-Z0-9+_]{1,20}@([a-zäöüß]{1,10}\.){1,3}example",
    Kind.PRODUCT: r"[A-Za-zÄßé ]{0,10}x\|[A-Za-zÄßé ]{0,10}y\|[0-9.a-zA-Z ]{0,10}",
    Kind.CPE: (
        r"cpe:2\.3:[aho]:([a-zA-Z0-9._-]|\\[:!*+]){1,9}:[a-zA-Z]{1,9}"
        r":[0-9.]{1,5}[*?]?(:[*-]){7}"
    ),
    Kind.PURL: (
        r"pkg:(npm|pypi|generic|GitHub)/([A-Za-z]{1,5}/){0,2}[A-Za-z+._-]{1,9}"
        r"(@[0-9.+]{1,5})?(\?[a-z]{1,3}=[a-z/:]{0,5})?"
    ),
    Kind.FUNCTION: r"[A-Za-z0-9][A-Za-z0-9+-]{0,14}",
}
READABLE = {kind: st.from_regex(pattern, fullmatch=True) for kind, pattern in WRITTEN.items()}
SUBSCRIBER = [
    k
    for k in Kind
    if k in {Kind.IMSI, Kind.SUCI, Kind.GUTI, Kind.GUTI_5G, Kind.NAI, Kind.IMEI, Kind.MSISDN}
]


@pytest.mark.slow
@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=50)
@given(data=st.data())
def test_a_canonical_form_is_its_own_canonical_form(kind, data):
    text = data.draw(READABLE[kind])
    try:
        found = parse(kind, text)
    except IdentifierRefused:
        return
    again = parse(kind, found.canonical)
    assert again == found
    assert (again.parts, again.masked) == (found.parts, found.masked)
    assert (again.subscriber, again.geographic) == (found.subscriber, found.geographic)
    assert found.kind == kind
    assert found.canonical.isprintable()
    assert found in guess(found.canonical) or kind in {
        Kind.FUNCTION,
        Kind.GT_RANGE,
        Kind.MSISDN_RANGE,
    }


@settings(max_examples=300)
@given(
    text=st.text(max_size=40) | st.text("0189aAx+-./:@*?\\%|#= \n\u00b2\u0663\u202e", max_size=40)
)
def test_no_text_makes_a_reader_stumble(text):
    for kind in Kind:
        with contextlib.suppress(IdentifierRefused):
            found = parse(kind, text)
            assert parse(kind, found.canonical) == found


@given(text=st.text(max_size=40) | st.sampled_from(list(Kind)).flatmap(READABLE.get))
def test_a_guess_is_every_kind_that_reads_it(text):
    found = guess(text)
    assert len(found) == len(set(found))
    for candidate in found:
        assert parse(candidate.kind, candidate.canonical) == candidate


@pytest.mark.slow
@pytest.mark.parametrize("kind", SUBSCRIBER)
@settings(max_examples=50)
@given(data=st.data())
def test_a_mask_shows_none_of_what_it_hides(kind, data):
    try:
        found = parse(kind, data.draw(READABLE[kind]))
    except IdentifierRefused:
        return
    shown, _, rest = found.masked.partition("x")
    assert rest.replace("x", "") in {"", found.canonical[found.canonical.rfind("@") :]}
    assert found.canonical.startswith(shown)
    assert found.masked not in {found.canonical, shown}
    assert found.subscriber
    # two subscribers of one network cannot be told apart by their masks
    tail = len(found.canonical) - len(shown)
    if kind in {Kind.IMSI, Kind.GUTI, Kind.GUTI_5G, Kind.MSISDN}:
        other = found.canonical[: len(shown)] + "1" * tail
        with contextlib.suppress(IdentifierRefused):
            assert parse(kind, other).masked == found.masked


def first_of(text, operational=()):
    return [c.plmn for c in networks(guess(text)[0], operational)]


def test_the_vectors_of_the_design():
    assert first_of("310410123456789", {"310-410"}) == ["310-410", "310-41"]
    assert first_of("405034001111111", {"405-03"}) == ["405-03", "405-034"]
    assert [i.canonical for i in guess("mnc005.mcc405")[:2]] == ["405-05", "405-005"]
    assert [i.canonical for i in guess("mnc000.mcc350")[:2]] == ["350-00", "350-000"]
    assert first_of("epc.mnc005.mcc405.3gppnetwork.org") == ["405-05", "405-005"]
    assert parse(Kind.PLMN, "234-03").canonical == "234-03"
    assert guess("+447911123456")[0].parts["region"] == "GG"
    assert not any(i.geographic for i in guess("+8821612345678"))
    assert not guess("901-31")[0].geographic
    assert guess("1234") == (parse(Kind.ASN, "1234"),)  # no point code without its network
    assert guess("٣١٠") == guess("٣١٠٤١٠١٢٣٤٥٦٧٨٩") == ()


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("208-01", [Kind.PLMN]),
        ("20801", [Kind.PLMN, Kind.GLOBAL_TITLE, Kind.ASN, Kind.MSISDN]),
        ("310410123456789", [Kind.IMSI, Kind.GLOBAL_TITLE, Kind.MSISDN]),
        ("31041012345678", [Kind.IMSI, Kind.IMEI, Kind.GLOBAL_TITLE, Kind.MSISDN]),
        ("490154203237518", [Kind.IMSI, Kind.IMEI, Kind.GLOBAL_TITLE, Kind.MSISDN]),
        ("352099001761481", [Kind.IMEI, Kind.IMSI, Kind.GLOBAL_TITLE, Kind.MSISDN]),
        ("35209900", [Kind.TAC, Kind.GLOBAL_TITLE, Kind.ASN, Kind.IMSI, Kind.MSISDN]),
        ("imsi-310410123456789", [Kind.IMSI]),
        ("+447911123456", [Kind.MSISDN, Kind.GLOBAL_TITLE]),
        ("+44791", [Kind.GLOBAL_TITLE, Kind.MSISDN]),
        ("447911123456", [Kind.GLOBAL_TITLE, Kind.MSISDN, Kind.IMSI]),
        ("491710000000;np=7", [Kind.GLOBAL_TITLE]),
        ("2-000-0", [Kind.POINT_CODE_INTERNATIONAL, Kind.POINT_CODE_ANSI]),
        ("246-1-5", [Kind.POINT_CODE_ANSI]),
        ("DE/2/1234", [Kind.POINT_CODE_NATIONAL]),
        (
            "epc.mnc001.mcc208.3gppnetwork.org",
            [Kind.DIAMETER_REALM, Kind.DIAMETER_HOST, Kind.DOMAIN],
        ),
        (
            "mme.epc.mnc001.mcc208.3gppnetwork.org",
            [Kind.DIAMETER_HOST, Kind.DIAMETER_REALM, Kind.DOMAIN],
        ),
        (
            "nrf.5gc.mnc001.mcc208.3gppnetwork.org",
            [Kind.FQDN_5G, Kind.DIAMETER_HOST, Kind.DIAMETER_REALM, Kind.DOMAIN],
        ),
        (
            "internet.mnc001.mcc208.gprs",
            [Kind.APN, Kind.DIAMETER_HOST, Kind.DIAMETER_REALM, Kind.DOMAIN],
        ),
        ("dra.example.net", [Kind.DOMAIN, Kind.DIAMETER_REALM, Kind.DIAMETER_HOST]),
        ("192.0.2.1", [Kind.IP]),
        ("192.0.2.0/24", [Kind.CIDR]),
        ("AS64496", [Kind.ASN]),
        ("1.10", [Kind.ASN]),
        ("soc@example.net", [Kind.EMAIL]),
        ("310410123456789@ims.mnc410.mcc310.3gppnetwork.org", [Kind.NAI]),
        ("208-01-00a1", [Kind.TAI]),
        ("Open5GS | Open5GS | 2", [Kind.PRODUCT]),
        ("pkg:npm/a", [Kind.PURL]),
        ("hello", []),
        ("hello world", []),
    ],
)
def test_a_guess_ranks_what_the_text_may_be(text, kinds):
    assert [candidate.kind for candidate in guess(text)] == kinds


def test_a_written_network_is_its_own_and_only_reading():
    found = networks(parse(Kind.PLMN, "208-01"), {"208-01"})
    assert [(c.plmn, c.operational) for c in found] == [("208-01", True)]
    assert networks(parse(Kind.PLMN, "208-01"))[0].operational is False
    assert networks(parse(Kind.IP, "192.0.2.1")) == ()

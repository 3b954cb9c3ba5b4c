"""The CSAF builder: whatever valid data it is given, the document passes schema and tests."""

import json
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import csaf, cvss_score, validation, versions
from tcert.response.advisories.enums import (
    Justification,
    NoteCategory,
    ProductStatus,
    PublisherCategory,
    ReferenceCategory,
    RemediationCategory,
    RestartCategory,
    Severity,
    ThreatCategory,
    TrackingStatus,
)
from tcert.response.advisories.weaknesses import WEAKNESSES

words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=20
)
moments = st.datetimes(
    datetime(2001, 1, 1),  # noqa: DTZ001 - the zone is given below
    datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
urls = st.builds(
    "https://{}.example/{}".format,
    st.from_regex("[a-z]{1,9}", fullmatch=True),
    st.from_regex("[a-z0-9/-]{0,9}", fullmatch=True),
)
dotted = st.lists(st.integers(0, 40), min_size=1, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)
vectors3 = st.tuples(
    *(st.sampled_from(values) for values in ("NALP", "LH", "NLH", "NR", "UC", "HLN", "HLN", "HLN")),
    st.sampled_from(["", "/E:P", "/E:F/RL:O/RC:C", "/RL:W", "/CR:H/MAV:L", "/E:U/MS:C/MC:N"]),
).map(lambda v: "CVSS:3.1/AV:{}/AC:{}/PR:{}/UI:{}/S:{}/C:{}/I:{}/A:{}{}".format(*v))
vectors4 = st.tuples(
    *(st.sampled_from(values) for values in ("NALP", "LH", "NP", "NLH", "NPA", *["HLN"] * 6))
).map(
    lambda v: "CVSS:4.0/AV:{}/AC:{}/AT:{}/PR:{}/UI:{}/VC:{}/VI:{}/VA:{}/SC:{}/SI:{}/SA:{}".format(
        *v
    )
)
notes = st.builds(csaf.Note, st.sampled_from(NoteCategory), words, words, st.just(""))
references = st.builds(csaf.Reference, urls, words, st.sampled_from(ReferenceCategory))
thanks = st.builds(
    csaf.Acknowledgment,
    st.lists(words, max_size=2).map(tuple),
    words,
    st.one_of(st.just(""), words),
    st.lists(urls, max_size=2).map(tuple),
)


@st.composite
def products(draw: st.DrawFn) -> tuple[csaf.Product, ...]:
    keys = draw(
        st.lists(
            st.tuples(words, words, dotted, st.booleans()), min_size=1, max_size=6, unique=True
        )
    )
    return tuple(
        csaf.Product(
            id=f"CSAFPID-{number:04d}",
            vendor=vendor,
            name=name,
            version=f"<{version}" if is_range else version,
            is_range=is_range,
            family=draw(st.sampled_from(["", "Core"])),
            cpe=draw(st.sampled_from(["", "cpe:2.3:a:open5gs:open5gs:2.7.2:*:*:*:*:*:*:*"])),
            purl=draw(st.sampled_from(["", "pkg:github/open5gs/open5gs@v2.7.2"])),
        )
        for number, (vendor, name, version, is_range) in enumerate(keys, 1)
    )


@st.composite
def vulnerabilities(
    draw: st.DrawFn, known: tuple[csaf.Product, ...]
) -> tuple[csaf.Vulnerability, ...]:
    cves = draw(st.lists(st.integers(1000, 99999), max_size=3, unique=True, min_size=1))
    found = []
    for number in cves:
        status: dict[ProductStatus, tuple[str, ...]] = {}
        for product in known:
            kind = draw(st.sampled_from(ProductStatus))
            status[kind] = (*status.get(kind, ()), product.id)
        told = [p for ids in status.values() for p in ids]
        some = tuple(draw(st.lists(st.sampled_from(told), min_size=1, unique=True)))
        weakness = draw(st.sampled_from(sorted(WEAKNESSES)))
        found.append(
            csaf.Vulnerability(
                title=draw(words),
                notes=tuple(draw(st.lists(notes, min_size=1, max_size=2))),
                status=status,
                cve=f"CVE-2026-{number}",
                ids=(csaf.ForeignId("Vendor", "4711"),),
                weakness=csaf.Weakness(weakness, WEAKNESSES[weakness]),
                cvss3=draw(st.one_of(st.just(""), vectors3)),
                cvss4=draw(st.one_of(st.just(""), vectors4)),
                discovered=draw(st.none() | moments),
                flags=(
                    csaf.Flag(
                        draw(st.sampled_from(Justification)),
                        status.get(ProductStatus.KNOWN_NOT_AFFECTED, ()),
                    ),
                ),
                remediations=(
                    csaf.Remediation(
                        draw(st.sampled_from(RemediationCategory)),
                        draw(words),
                        some,
                        url=draw(st.just("") | urls),
                        date=draw(st.none() | moments),
                        restart=draw(st.none() | st.sampled_from(RestartCategory)),
                    ),
                ),
                threats=(csaf.Threat(draw(st.sampled_from(ThreatCategory)), draw(words), some),),
                references=tuple(draw(st.lists(references, max_size=2))),
                acknowledgments=tuple(draw(st.lists(thanks, max_size=1))),
            )
        )
    return tuple(found)


@st.composite
def documents(draw: st.DrawFn) -> csaf.Document:
    known = draw(products())
    first = draw(moments)
    revisions = tuple(
        csaf.Revision(number, first + timedelta(days=number), draw(words))
        for number in range(1, draw(st.integers(2, 4)))
    )
    return csaf.Document(
        title=draw(words),
        tlp=draw(st.sampled_from([t for t in Tlp if t is not Tlp.AMBER_STRICT])),
        publisher=csaf.Publisher(
            draw(st.sampled_from([c for c in PublisherCategory if c != "translator"])),
            draw(words),
            draw(urls),
            contact_details=draw(st.just("") | words),
        ),
        tracking=csaf.Tracking(
            "TCERT-SA-2026-0001",
            draw(st.sampled_from([TrackingStatus.FINAL, TrackingStatus.INTERIM])),
            revisions,
        ),
        notes=tuple(draw(st.lists(notes, max_size=2))),
        references=tuple(draw(st.lists(references, max_size=2))),
        acknowledgments=tuple(draw(st.lists(thanks, max_size=2))),
        products=known,
        vulnerabilities=draw(vulnerabilities(known)),
    )


@pytest.mark.slow
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(documents())
def test_any_valid_data_gives_a_document_that_passes(document: csaf.Document) -> None:
    built = csaf.build(document)
    verdict = validation.validate(built)
    assert verdict.errors == ()
    assert json.loads(csaf.canonical_json(built)) == built


def a_document(**changes: object) -> csaf.Document:
    """Return a small valid document."""
    product = csaf.Product("CSAFPID-0001", "Open5GS", "Open5GS", "<2.7.3", is_range=True)
    flaw = csaf.Vulnerability(
        title="NAS decoder reads past its buffer",
        notes=(csaf.Note(NoteCategory.DESCRIPTION, "A crafted message stops the AMF."),),
        status={ProductStatus.KNOWN_AFFECTED: (product.id,)},
        cve="CVE-2026-12345",
        weakness=csaf.Weakness("CWE-125", "Out-of-bounds Read"),
        cvss3="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        remediations=(csaf.Remediation(RemediationCategory.VENDOR_FIX, "Update.", (product.id,)),),
    )
    values: dict[str, object] = {
        "title": "Open5GS: denial of service",
        "tlp": Tlp.CLEAR,
        "publisher": csaf.Publisher(
            PublisherCategory.COORDINATOR, "TCERT", "https://tcert.example"
        ),
        "tracking": csaf.Tracking(
            "TCERT-SA-2026-0001",
            TrackingStatus.FINAL,
            (csaf.Revision(1, datetime(2026, 11, 23, 10, tzinfo=UTC), "First release"),),
        ),
        "products": (product,),
        "vulnerabilities": (flaw,),
    }
    return csaf.Document(**{**values, **changes})  # type: ignore[arg-type]


def test_bytes_are_canonical() -> None:
    data = csaf.canonical_json(csaf.build(a_document()))
    assert data == csaf.canonical_json(json.loads(data))
    assert data.endswith(b"}\n")


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("TCERT-SA-2026-0001", "tcert-sa-2026-0001.json"),
        ("Vendor/SA 2026:01", "vendor_sa_2026_01.json"),
        ("a+b--C", "a+b--c.json"),
        ("Ünï", "_n_.json"),
    ],
)
def test_file_name_follows_the_standard(number: str, name: str) -> None:
    assert csaf.file_name(number) == name


def test_amber_strict_is_never_written_as_amber() -> None:
    with pytest.raises(csaf.Unpublishable, match="AMBER\\+STRICT"):
        csaf.build(a_document(tlp=Tlp.AMBER_STRICT))


def test_clear_is_written_as_white() -> None:
    assert csaf.build(a_document())["document"]["distribution"]["tlp"]["label"] == "WHITE"


def test_half_a_character_is_refused() -> None:
    with pytest.raises(csaf.Unpublishable, match="half a character"):
        csaf.canonical_json(csaf.build(a_document(title="broken \ud800")))


def test_the_same_version_twice_is_refused() -> None:
    product = csaf.Product("A", "V", "P", "1")
    twin = csaf.Product("B", "V", "P", "1")
    with pytest.raises(csaf.Unpublishable, match="listed twice"):
        csaf.build(a_document(products=(product, twin)))


@pytest.mark.parametrize(
    ("numbers", "days"), [((1, 3), (0, 1)), ((1, 2), (1, 0)), ((2, 1), (0, 1))]
)
def test_a_history_that_jumps_or_goes_back_is_refused(
    numbers: tuple[int, int], days: tuple[int, int]
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    revisions = tuple(
        csaf.Revision(n, start + timedelta(days=d), "x") for n, d in zip(numbers, days, strict=True)
    )
    with pytest.raises(csaf.Unpublishable):
        csaf.build(a_document(tracking=csaf.Tracking("A", TrackingStatus.FINAL, revisions)))


def test_a_history_without_an_entry_is_refused() -> None:
    with pytest.raises(csaf.Unpublishable, match="no revision"):
        csaf.build(a_document(tracking=csaf.Tracking("A", TrackingStatus.FINAL, ())))


def test_cvss_4_stands_in_a_note() -> None:
    vector = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
    flaw = csaf.Vulnerability(
        "x", (), {ProductStatus.FIXED: ("CSAFPID-0001",)}, cvss4=vector, cvss3=""
    )
    built = csaf.build(a_document(vulnerabilities=(flaw,)))
    assert built["vulnerabilities"][0]["notes"] == [
        {"category": "other", "title": "CVSS 4.0", "text": f"{vector} (9.3, critical)"}
    ]
    assert built["document"]["aggregate_severity"]["text"] == "Critical"


@pytest.mark.parametrize(
    ("typed", "vers", "said"),
    [
        ("<2.7.3", "vers:intdot/<2.7.3", "before 2.7.3"),
        (">=2.0, <2.7.3", "vers:intdot/>=2.0|<2.7.3", "from 2.0 before 2.7.3"),
        ("<2.7.3,>=2.0", "vers:intdot/>=2.0|<2.7.3", "from 2.0 before 2.7.3"),
        ("*", "vers:generic/*", "all versions"),
        ("<=R17b", "vers:generic/<=R17b", "up to R17b"),
        ("vers:semver/>=1.0.0|<2.0.0", "vers:semver/>=1.0.0|<2.0.0", "from 1.0.0 before 2.0.0"),
        ("1.0|2.0", "vers:intdot/1.0|2.0", "1.0, 2.0"),
    ],
)
def test_ranges(typed: str, vers: str, said: str) -> None:
    assert versions.vers(typed) == vers
    assert versions.spoken(typed) == said


@pytest.mark.parametrize(
    "typed", ["", "before 2", "<", "<1, <1", "vers:", "vers:x", "<1||2", "a b"]
)
def test_a_range_that_cannot_be_read_is_refused(typed: str) -> None:
    with pytest.raises(versions.RangeRefused):
        versions.vers(typed)


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        "CVSS:3.1/AV:N",
        "CVSS:3.1/AV:N/AV:N",
        "CVSS:4.0/AV:X",
        "AV:N/AC:L/Au:N/C:C/I:C/A:C",
        "CVSS:3.1/" + "A" * 500,
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H/<script>",
    ],
)
def test_what_is_no_vector_is_refused(vector: str) -> None:
    with pytest.raises(cvss_score.VectorRefused):
        cvss_score.score(vector)


@given(vectors3)
def test_score_words_agree_with_numbers(vector: str) -> None:
    read = cvss_score.score(vector)
    assert cvss_score.severity_of(read.score) is read.severity


@given(vectors4)
@settings(max_examples=50, deadline=None)
def test_score_words_agree_with_numbers_in_4(vector: str) -> None:
    read = cvss_score.score(vector)
    assert cvss_score.severity_of(read.score) is read.severity
    assert read.severity in Severity


def test_weakness_names_are_those_of_the_catalogue() -> None:
    text = resources.files("csaf").joinpath("csaf/v21/cwe/catalog.json").read_text()
    catalogue = json.loads(text)["weaknesses"]
    for cwe_id, name in WEAKNESSES.items():
        history = catalogue[cwe_id.removeprefix("CWE-")]["history"]
        assert name == [said for _, said in history if said is not None][-1], cwe_id
        assert validation.weakness_name(cwe_id) == name


def test_a_weakness_beyond_the_table_is_looked_up() -> None:
    assert validation.weakness_name("CWE-5") == (
        "J2EE Misconfiguration: Data Transmission Without Encryption"
    )
    assert validation.weakness_name("CWE-99999") is None
    assert validation.weakness_name("CWE-x") is None

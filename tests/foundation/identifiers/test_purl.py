"""Package URLs in their one canonical form."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import LONGEST, IdentifierRefused
from tcert.foundation.identifiers.registry import parse


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("pkg:npm/%40angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1"),
        ("pkg:npm/@angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1"),
        ("PKG:NPM/FooBar@12.3.1", "pkg:npm/foobar@12.3.1"),
        ("pkg://npm///foobar", "pkg:npm/foobar"),
        ("pkg:GitHub/Open5GS/Open5GS@V2.7", "pkg:github/open5gs/open5gs@V2.7"),
        ("pkg:pypi/Django_.all--auth@1.0RC1", "pkg:pypi/django-all-auth@1.0rc1"),
        ("pkg:rpm/Fedora/Curl@7.50.3", "pkg:rpm/fedora/Curl@7.50.3"),
        ("pkg:oci/Debian@sha256:AB", "pkg:oci/debian@sha256:AB"),
        ("pkg:huggingface/Org/Model@ABCD", "pkg:huggingface/Org/Model@abcd"),
        (
            "pkg:maven/org.Apache/Batik@1?type=zip&classifier=dist",
            "pkg:maven/org.Apache/Batik@1?classifier=dist&type=zip",
        ),
        ("pkg:deb/debian/attr@1:2.4+b1?Arch=AMD64", "pkg:deb/debian/attr@1:2.4%2Bb1?arch=AMD64"),
        ("pkg:generic/a?empty=&x=1", "pkg:generic/a?x=1"),
        (
            "pkg:generic/a?vcs_url=git%2Bhttps://git.example/x%40cc5",
            "pkg:generic/a?vcs_url=git%2Bhttps://git.example/x%40cc5",
        ),
        ("pkg:generic/a#/x//./../y%20z/", "pkg:generic/a#x/y%20z"),
        ("pkg:generic/n%c3%a4me@1~2_3-4.5", "pkg:generic/n%C3%A4me@1~2_3-4.5"),
        ("pkg:npm/a#Src/B", "pkg:npm/a#Src/B"),
        ("pkg:generic//a//b//", "pkg:generic/a/b"),
        ("pkg:generic/a%2Fb@1%2F2", "pkg:generic/a%2Fb@1%2F2"),
        ("pkg:generic/a?x=1?2", None),
    ],
)
def test_a_package_has_one_form(text, canonical):
    if canonical is None:
        with pytest.raises(IdentifierRefused):
            parse(Kind.PURL, text)
    else:
        found = parse(Kind.PURL, text)
        assert found.canonical == canonical
        assert parse(Kind.PURL, canonical).parts == found.parts


FOLDED = [
    "alpm",
    "apk",
    "bitbucket",
    "composer",
    "deb",
    "github",
    "golang",
    "hex",
    "luarocks",
    "npm",
]


@pytest.mark.parametrize("kind", FOLDED)
def test_names_that_ignore_case_are_lower_case(kind):
    assert parse(Kind.PURL, f"pkg:{kind}/A/B@C").canonical == f"pkg:{kind}/a/b@C"


@pytest.mark.parametrize("kind", ["qpkg", "rpm"])
def test_some_types_ignore_the_case_of_the_namespace_only(kind):
    assert parse(Kind.PURL, f"pkg:{kind}/A/B@C").canonical == f"pkg:{kind}/a/B@C"


@pytest.mark.parametrize("kind", ["bitnami", "oci", "pub"])
def test_some_types_ignore_the_case_of_the_name_only(kind):
    assert parse(Kind.PURL, f"pkg:{kind}/A/B@C").canonical == f"pkg:{kind}/A/b@C"


@pytest.mark.parametrize("kind", ["cargo", "cran", "gem", "generic", "maven", "nuget"])
def test_other_types_keep_case(kind):
    assert parse(Kind.PURL, f"pkg:{kind}/A/B@C").canonical == f"pkg:{kind}/A/B@C"


def test_its_parts_are_decoded():
    assert parse(Kind.PURL, "pkg:npm/%40a/b@1?k=v#s/t").parts == {
        "type": "npm",
        "namespace": "@a",
        "name": "b",
        "version": "1",
        "qualifiers": "k=v",
        "subpath": "s/t",
    }


@pytest.mark.parametrize(
    "text",
    [
        "npm/foobar@1",
        "http:npm/foobar",
        "pkg:foobar@1",  # no type
        "pkg:npm/",
        "pkg:maven/@1.3.4",
        "pkg:npm/@scope/name",  # its @ reads as a version's
        "pkg:npm/foobar@",
        "pkg:n&g?inx/nginx@1",
        "pkg:3nginx/nginx@1",
        "pkg:nginx:a/nginx@1",
        "pkg:n_x/nginx@1",
        "pkg%3Anpm/foobar",
        "pkg:npm/foobar?in%20x=true",
        "pkg:npm/foobar?a=1&A=2",
        "pkg:npm/foobar?a",
        "pkg:npm/foobar?1a=2",
        "pkg:npm/a%2Fb/c",
        "pkg:npm/foo%bar",
        "pkg:npm/foo%0",
        "pkg:npm/foo%FF",
        "pkg:npm/foo%00",
        "pkg:npm/foo%E2%80%AE",  # turns the direction of writing
        "pkg:npm/foo bar\u00e4",
    ],
)
def test_what_is_no_package_is_refused(text):
    with pytest.raises(IdentifierRefused, match="pkg:npm"):
        parse(Kind.PURL, text)


def test_a_form_that_grows_too_long_is_refused():
    """Else the canonical form could not be read again."""
    fits = "pkg:generic/" + "!" * 166 + "aa"
    assert len(parse(Kind.PURL, fits).canonical) == LONGEST
    with pytest.raises(IdentifierRefused):
        parse(Kind.PURL, fits + "a")


@given(st.text("aB1%/?#@&=:.-_+ 40C3A4", max_size=30))
def test_what_is_read_has_a_fixed_form(rest):
    with contextlib.suppress(IdentifierRefused):
        found = parse(Kind.PURL, f"pkg:npm/{rest}")
        assert parse(Kind.PURL, found.canonical).parts == found.parts


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30))
def test_a_name_of_any_script_survives(name):
    written = "".join(f"%{octet:02x}" for octet in name.encode())
    with contextlib.suppress(IdentifierRefused):
        assert parse(Kind.PURL, f"pkg:generic/{written}").parts["name"] == name.strip("/")

"""Cells and areas lead to the serving network by the digits in front."""

import pytest

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import networks, parse

WIDTHS = {Kind.ECGI: {7}, Kind.NCGI: {9}, Kind.TAI: {4, 6}}


@pytest.mark.parametrize("kind", WIDTHS)
@pytest.mark.parametrize("width", range(1, 12))
def test_the_width_behind_the_network_is_exact(kind, width):
    """ECI and NCI have 28 and 36 bits, tracking areas 16 (EPS) or 24 (5GS)."""
    text = f"208-01-{'A' * width}"
    if width in WIDTHS[kind]:
        found = parse(kind, text)
        assert found.canonical == f"208-01-{'a' * width}"
        assert found.parts == {"plmn": "208-01", "place": "a" * width}
        assert found.geographic
        assert not found.subscriber
    else:
        with pytest.raises(IdentifierRefused, match="208-01"):
            parse(kind, text)


@pytest.mark.parametrize(
    ("text", "plmn"), [("310-410-00a1b2c", "310-410"), ("31041-00a1b2c", "310-41")]
)
def test_the_length_of_the_mnc_is_as_written(text, plmn):
    assert [c.plmn for c in networks(parse(Kind.ECGI, text))] == [plmn]


@pytest.mark.parametrize("text", ["2080100a1b2c", "208-01-00a1b2g", "208-1-00a1b2c", "208-01-"])
def test_what_is_no_cell_is_refused(text):
    with pytest.raises(IdentifierRefused):
        parse(Kind.ECGI, text)


def test_a_cell_of_a_private_network_belongs_to_no_country():
    assert not parse(Kind.NCGI, "999-70-000000001").geographic

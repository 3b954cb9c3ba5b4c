"""Pages ask the database as often with many cases, parties and messages as with few.

`bench/scale.py` measures the same pages with 10,000 cases, 120 parties and 2,000 messages.
"""

import pytest
from bench.pages import pages, signed_in, timed
from tests.factories.crowd import add_big_case, add_cases, add_vendors, gather

from tcert.foundation.transparency.domain.sealing import seal
from tcert.response.intake.salt import deployment_salt

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

STREAMED = ("records as CSV (desk)",)
"""A download asks once for each portion of its rows."""


def test_no_page_asks_more_often_when_there_is_more():
    deployment_salt()  # before there are reports
    crowd = gather(11)
    add_cases(crowd, 70)
    seal()
    visitors = signed_in(crowd)
    few = dict(timed(pages(add_big_case(crowd, messages=8), crowd), visitors, 0))
    add_vendors(crowd, 12)
    add_cases(crowd, 90)
    seal()
    many = dict(timed(pages(add_big_case(crowd, messages=60), crowd), visitors, 0))
    grown = {
        name: (few[name]["queries"], page["queries"])
        for name, page in many.items()
        if page["queries"] > few[name]["queries"] and name not in STREAMED
    }
    assert len(many) > 50
    assert grown == {}

"""`tcert route` without a file of claims: by what the hub knows, and by no other hub's claims.

Protects: what is told to whom comes from the claims as they stand, in one run from one table.
"""

import json

import pytest
from tests.factories.claims import ClaimFactory
from tests.factories.reference import NetworkFactory

from tcert import cli
from tcert.community.claims.models import Claim
from tcert.foundation.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed(tmp_path, monkeypatch):
    monkeypatch.setattr("tcert.response.bulk.commands.connections.close_all", lambda: None)
    monkeypatch.setattr("tcert.response.bulk.commands.gc.freeze", lambda: None)
    path = tmp_path / "feed.jsonl"
    records = [{"plmn": "999-70"}, {"imsi": "208011234567890"}, {"plmn": "998-00"}]
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    return path


def route(feed, out):
    return cli._run(cli.build_parser().parse_args(["route", str(feed), "--out", str(out)]))


def test_the_claims_of_the_hub_and_public_lists_say_whose_it_is(feed, tmp_path):
    claim = ClaimFactory(value="999-70", verified=True)
    NetworkFactory(plmn="208-01", operator="Orange S.A.")
    out = tmp_path / "out"
    assert route(feed, out) == 0
    events = {
        path.parent.parent.name: json.loads(path.read_text())
        for path in out.glob("*/*/events.jsonl")
    }
    house = claim.organisation
    assert events["decided"]["route.party"] == f"{house.name} ({house.id})"
    assert events["waiting"]["route.party"] == "reference:Orange S.A."
    assert events["waiting"]["destination.imsi"] == "20801xxxxxxxxxx"
    assert len((out / "nobody.jsonl").read_text().splitlines()) == 1


def test_a_run_is_not_gone_on_with_when_claims_changed_meanwhile(feed, tmp_path, capsys):
    ClaimFactory(value="999-70", verified=True)
    out = tmp_path / "out"
    assert route(feed, out) == 0
    assert route(feed, out) == 0
    assert "complete already" in capsys.readouterr().err
    Claim.objects.update(changed_at=clock.now())
    assert route(feed, out) == 2
    assert "other files or claims" in capsys.readouterr().err

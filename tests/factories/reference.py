"""Reference data as a public list has it."""

import json

import factory
from tests.factories.directory import OrganisationFactory

from tcert.foundation.kernel.principal import SYSTEM
from tcert.response.reference.domain import taking
from tcert.response.reference.enums import Source, Use
from tcert.response.reference.models import Edition, Network, Tie


class EditionFactory(factory.django.DjangoModelFactory):
    """A version of the list of network codes."""

    class Meta:
        model = Edition

    source = Source.NETWORKS
    number = factory.Sequence(lambda n: n + 1)
    version = factory.Sequence(lambda n: f"1.0.{n}")
    licence = "MIT"
    digest = factory.Sequence(lambda n: f"{n:064x}")
    rows = 1


class NetworkFactory(factory.django.DjangoModelFactory):
    """A network code with its operator."""

    class Meta:
        model = Network

    edition = factory.SubFactory(EditionFactory)
    plmn = factory.Sequence(lambda n: f"208-{n % 100:02}")
    country_code = "FR"
    country = "France"
    operator = factory.Sequence(lambda n: f"Operator {n}")
    status = "operational"
    use = Use.NATIONAL


class TieFactory(factory.django.DjangoModelFactory):
    """An operator of the list that is an organisation."""

    class Meta:
        model = Tie

    operator = factory.Sequence(lambda n: f"Operator {n}")
    country_code = "FR"
    organisation = factory.SubFactory(OrganisationFactory)


def listed(code, operator, *, country=("FR", "France"), status="Operational", **more):
    """One row of the JSON of `mcc-mnc-list`."""
    mcc, mnc = code.split("-")
    row = {
        "type": "National",
        "countryName": country[1],
        "countryCode": country[0],
        "mcc": mcc,
        "mnc": mnc,
        "brand": None,
        "operator": operator,
        "status": status,
        "bands": None,
        "notes": None,
    }
    return {**row, **more}


ROWS = (
    listed("208-01", "Orange S.A.", brand="Orange"),
    listed("310-410", "AT&T Mobility", country=("US", "United States of America")),
    listed("310-410", "Liberty", country=("VI", "United States Virgin Islands")),
    listed("405-03", "Bihar", country=("IN", "India"), brand="Reliance"),
    listed("405-034", "Karnataka", country=("IN", "India"), status="Not operational"),
    listed("350-00", "Bermuda Digital", country=("BM", "Bermuda")),
    listed("234-03", "Guernsey Airtel Ltd", country=("GG", "Guernsey (United Kingdom)")),
    listed("234-03", "Jersey Airtel Limited", country=("JE", "Jersey (United Kingdom)")),
    listed("901-31", "Orange S.A.", country=(None, None), type="International"),
    listed("001-01", "Test network", country=(None, None), type="Test"),
    listed("999-99", "Internal use", country=(None, None), type="Test"),
    listed("312-110", "", country=("US", "United States of America"), status="Unknown"),
)


def as_file(rows=ROWS):
    """The bytes of a list."""
    return json.dumps(list(rows)).encode()


def taken(rows=ROWS, version="1.0.0"):
    """Take a list, as set-up does; return its edition."""
    proposal = taking.propose(as_file(rows), version=version, licence="MIT")
    return taking.take(principal=SYSTEM, proposal=proposal, anyhow=True)

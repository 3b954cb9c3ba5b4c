"""Requests by authorities, with the two teams of each."""

from datetime import timedelta
from uuid import uuid4

import factory
from tests.factories.directory import OrganisationFactory, TeamFactory
from tests.factories.talks import Side as Team
from tests.factories.talks import say, side

from tcert.community.directory.enums import OrganisationKind, TeamKind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.response.requests import queries
from tcert.response.requests.domain import answering, handing, sending
from tcert.response.requests.domain.sending import Facts
from tcert.response.requests.enums import Basis, Data, Kind, State
from tcert.response.requests.models import Exhibit, Request


class AuthorityFactory(OrganisationFactory):
    """A listed police."""

    name = factory.Sequence(lambda n: f"Police {n}")
    kind = OrganisationKind.LAW_ENFORCEMENT


class AuthorityTeamFactory(TeamFactory):
    """A unit of a police."""

    organisation = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Unit {n}")
    kind = TeamKind.AUTHORITY


class RequestFactory(factory.django.DjangoModelFactory):
    """A request for information that was sent, without a talk."""

    class Meta:
        model = Request

    kind = Kind.INFORMATION
    basis = Basis.COURT
    country = "XA"
    data = factory.LazyFunction(lambda: [Data.SIGNALLING])
    period_from = factory.LazyFunction(lambda: clock.today() - timedelta(days=9))
    period_to = factory.LazyFunction(lambda: clock.today() - timedelta(days=2))
    deadline = factory.LazyFunction(lambda: clock.now() + timedelta(days=5))
    tlp = Tlp.AMBER_STRICT
    authority = factory.SubFactory(AuthorityTeamFactory)
    addressee = factory.SubFactory(TeamFactory)


class ExhibitFactory(factory.django.DjangoModelFactory):
    """Something with one file that was handed over."""

    class Meta:
        model = Exhibit

    request = factory.SubFactory(RequestFactory, state=State.HANDED_OVER)
    number = factory.Sequence(lambda n: n + 1)
    message = factory.LazyFunction(uuid4)
    body_sha256 = "0" * 64
    files = factory.LazyFunction(lambda: [{"file": str(uuid4()), "size": 9, "sha256": "a" * 64}])
    manifest_sha256 = "1" * 64


def police(name: str = "Unit 7", **team: object) -> Team:
    """Make a team of an authority with a key and a representative."""
    return side(name, organisation=AuthorityFactory(), **team)


def facts(**changes: object) -> Facts:
    """Return the facts of a request for information."""
    first = {
        "kind": Kind.INFORMATION,
        "basis": Basis.COURT,
        "country": "XA",
        "data": [Data.SIGNALLING, Data.LOGS],
        "period_from": clock.today() - timedelta(days=9),
        "period_to": clock.today(),
        "deadline": clock.now() + timedelta(days=5),
        "tlp": Tlp.AMBER_STRICT,
    }
    return Facts(**{**first, **changes})  # type: ignore[arg-type]


def sent(authority: Team, addressee: Team, **about: object) -> Request:
    """Let an authority have sent a request to a party."""
    return sending.send(
        principal=authority.principal,
        key=about.pop("key", None) or uuid4(),  # type: ignore[arg-type]
        authority=authority.team,
        addressee=addressee.team,
        facts=facts(**about),
    )


def acknowledged(authority: Team, addressee: Team, **about: object) -> Request:
    """Let the party have acknowledged it."""
    found = sent(authority, addressee, **about)
    return answering.acknowledge(principal=addressee.principal, found=found, revision=1)


def accepted(authority: Team, addressee: Team, **about: object) -> Request:
    """Let the party have accepted it."""
    until = None
    if about.get("kind") == Kind.PRESERVATION:
        until = clock.today() + timedelta(days=30)
    found = acknowledged(authority, addressee, **about)
    return answering.accept(
        principal=addressee.principal, found=found, revision=found.revision, held_until=until
    )


def give(authority: Team, addressee: Team, found: Request, body: str = "text") -> Exhibit:
    """Let the party seal a file to the authority in the talk, and hand it over."""
    talk = queries.talk_of(found)
    file = SealedFile(seal_with_password(f"a trace: {body}".encode(), "passphrase"))
    posted = say(addressee, talk, authority, body=body, files=[file])
    found.refresh_from_db()
    return handing.hand_over(
        principal=addressee.principal,
        found=found,
        revision=found.revision,
        message_id=posted.message_id,
    )

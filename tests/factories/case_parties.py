"""Teams with keys that the test holds, and a report that a stranger has sealed to them."""

from uuid import uuid4

from tests.factories.directory import DeskFactory
from tests.factories.sealed import Party, make_party

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import Team, TeamKey
from tcert.foundation.openpgp.sealing import seal
from tcert.foundation.openpgp.signing import SigningKey
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Inner, Kind, compose
from tcert.response.cases.domain.reports import (
    Reporter,
    RoutingLine,
    SealedPart,
    receive_report,
)
from tcert.response.cases.enums import CaseKind
from tcert.response.cases.models import Case


def give_key(team: Team) -> Party:
    """Give a team an active key whose secret half the test holds."""
    party = make_party(HolderKind.TEAM, team.id, name=f"{team.name}")
    TeamKey.objects.filter(team=team, state=KeyState.ACTIVE).update(state=KeyState.SUPERSEDED)
    TeamKey.objects.create(
        team=team,
        fingerprint=party.fingerprint,
        certificate=party.recipient.certificate.decode("latin-1")
        if party.recipient.certificate.startswith(b"-----")
        else _armoured(party),
        state=KeyState.ACTIVE,
    )
    return party


def _armoured(party: Party) -> str:
    from tcert.foundation.kernel import clock
    from tcert.foundation.openpgp.certificates import describe

    return describe(party.certificate, clock.now()).armoured


def seal_part(report_id, author: Party, readers: list[Party], kind: Kind, body: str) -> SealedPart:
    """Seal one message of a report as a browser would."""
    thread_id = uuid4()
    inner = Inner(
        subject=f"report:{report_id}",
        thread=str(thread_id),
        kind=kind,
        author=author.fingerprint,
        counter=1,
        previous=None,
        recipients=tuple(sorted(r.fingerprint for r in readers)),
        tlp="AMBER",
        body=body,
    )
    sealed = seal(
        compose(inner).encode(), [r.certificate for r in readers], SigningKey(author.secret)
    )
    return SealedPart(thread_id, sealed)


def make_report(
    *addressees: Party,
    coordinating: Team | None = None,
    facts: str = "The HSS answers anyone.",
    routing: RoutingLine | None = None,
) -> tuple[Case, Party]:
    """Have a stranger report to the desk (or to these teams); returns the case and the reporter."""
    if not addressees:
        addressees = (give_key(DeskFactory()),)
    teams = {party: Team.objects.get(id=party.holder.id) for party in addressees}
    leading = coordinating or teams[addressees[0]]
    leading_party = next(p for p, team in teams.items() if team == leading)
    stranger = make_party(HolderKind.REPORTER, name="reporter")
    report_id = uuid4()
    case = receive_report(
        kind=CaseKind.VULNERABILITY,
        report_id=report_id,
        coordinating_team=leading,
        addressees=list(teams.values()),
        reporter=Reporter(stranger.holder.id, stranger.fingerprint, _armoured(stranger)),
        facts=seal_part(report_id, stranger, [*addressees, stranger], Kind.FACTS, facts),
        wishes=seal_part(report_id, stranger, [leading_party, stranger], Kind.WISHES, "no name"),
        routing=routing or RoutingLine(),
    )
    return case, stranger

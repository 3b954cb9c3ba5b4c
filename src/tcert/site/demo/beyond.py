"""A party of the demonstration that the hub does not know, to which a link is on its way."""

from datetime import timedelta

from tcert.community.directory.enums import OrganisationKind
from tcert.foundation.kernel import clock
from tcert.response.cases.enums import Role
from tcert.response.cases.models import Case
from tcert.response.parties.domain import inviting
from tcert.response.parties.enums import Source
from tcert.site.demo.community import Side


def invite_one(desk: Side, case: Case) -> None:
    """Let the desk have written to a vendor yesterday, at the address in its security.txt."""
    with clock.frozen(clock.now() - timedelta(hours=20)):
        inviting.invite(
            principal=desk.principal(),
            case=Case.objects.get(pk=case.pk),
            name="Halden Radio",
            kind=OrganisationKind.VENDOR,
            roles=[Role.VENDOR],
            addresses=["psirt@halden.example"],
            source=Source.SECURITY_TXT,
            published_at="https://halden.example/.well-known/security.txt; phone +999 0000 0001",
            believed="Ships the same decoder in its own HSS, says its release note 9.1.",
        )

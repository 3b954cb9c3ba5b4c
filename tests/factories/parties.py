"""Parties beyond the hub at each step of their way, brought there through the verbs."""

import re

from tests.factories.case_parties import give_key
from tests.factories.cases import CaseFactory
from tests.factories.directory import coordinator_of_desk
from tests.factories.keys import KEYS
from tests.principals import PASSPHRASE, principal_of

from tcert.community.accounts.domain.links import open_link
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.directory.domain import keys
from tcert.community.directory.enums import OrganisationKind, SecondChannel
from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases.enums import Role
from tcert.response.cases.models import Case, Invitation
from tcert.response.parties.domain import confirming, inviting, joining
from tcert.response.parties.enums import Source
from tcert.response.parties.models import PartyInvitation

ADDRESS = "psirt@corevale.example"
CONTACT = "+46 8 000 000, https://corevale.example/contact"


def leader() -> Principal:
    """A coordinator of the desk in a staff session."""
    return principal_of(coordinator_of_desk(), coordinator=True)


def a_case(**about: object) -> Case:
    """A case of the desk, whose key the test holds."""
    case = CaseFactory(**about)
    if not case.coordinating_team.keys.exists():
        give_key(case.coordinating_team)
    return case


def asked_out(
    case: Case | None = None, by: Principal | None = None, **about: object
) -> PartyInvitation:
    """A vendor whom the hub does not know, to whom a link is on its way."""
    values: dict[str, object] = {
        "name": "Corevale",
        "kind": OrganisationKind.VENDOR,
        "roles": [Role.VENDOR],
        "addresses": [ADDRESS],
        "source": Source.SECURITY_TXT,
        "published_at": f"https://corevale.example/.well-known/security.txt; {CONTACT}",
        "believed": "makes the UDM",
    }
    return inviting.invite(principal=by or leader(), case=case or a_case(), **(values | about))


def mailed_token(address: str = ADDRESS) -> str:
    """Return the secret of the link that was mailed last to an address."""
    texts = [bytes(m.entity or b"") for m in Mail.objects.all() if m.recipient == address]
    whole = [t.replace(b"=\n", b"").replace(b"=3D", b"=").decode() for t in texts]
    tokens = [found[1] for text in whole if (found := re.search(r"#([\w-]{43})", text))]
    digests = {t: OneTimeLink.objects.filter(digest=_digest(t)).first() for t in tokens}
    return max(tokens, key=lambda t: digests[t].created_at)


def _digest(token: str) -> str:
    from tcert.community.accounts.tokens import digest

    return digest(token)


def joined(
    invitation: PartyInvitation | None = None, **about: object
) -> tuple[PartyInvitation, Person]:
    """The party's first person has an account and a provisional team."""
    invitation = invitation or asked_out(**about)
    email = invitation.addresses.first().email
    link = open_link(mailed_token(email))
    person = joining.join(link=link, name="Kim Vale", passphrase=PASSPHRASE)
    invitation.refresh_from_db()
    return invitation, person


def brought(invitation: PartyInvitation, person: Person, which: str = "second") -> TeamKey:
    """The party has brought a key, which waits."""
    return keys.add_key(
        principal=principal_of(person),
        team=invitation.team,
        certificate=KEYS[which]["certificate"],
    )


def confirmed(
    invitation: PartyInvitation, key: TeamKey, by: Principal | None = None, **about: object
) -> Invitation:
    """The desk has heard the fingerprint and put the terms."""
    values: dict[str, object] = {
        "heard_fingerprint": key.fingerprint,
        "channel": SecondChannel.PHONE,
        "contact": CONTACT,
        "revision": None,
    }
    return confirming.confirm(
        principal=by or leader(), invitation=invitation, key=key, **(values | about)
    )

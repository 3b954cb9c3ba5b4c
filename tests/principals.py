"""Signing in for tests, and principals without a request.

`sign_in` makes the session that a person has after passphrase and second factor, without walking
the pages; the walk itself is tested in tests/community/accounts.
"""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from tcert.community.accounts import proofs
from tcert.community.accounts.domain import staff
from tcert.community.accounts.models import Person
from tcert.community.desk.models import Declaration
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.site import principal as principals

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSPHRASE = "granite otter waltz 91"


def give_second_factor(person: Person, secret: str = TOTP_SECRET) -> Authenticator:
    """Set up an authenticator app with a known secret, unless the person has a factor."""
    existing = Authenticator.objects.filter(user=person).first()
    return existing or TOTP.activate(person, secret).instance


def sign_in(client: Client, person: Person, *, coordinator: bool = False) -> Client:
    """Sign a person in with passphrase and second factor; with coordinator rights if asked."""
    give_second_factor(person)
    client.force_login(person)
    session = client.session
    proofs.note_second_factor(session, person)
    if coordinator:
        declared(person)
        staff.open_session(
            principal=principals.of_person(person),
            person=person,
            session=session,
            purpose="To test",
        )
    session.save()
    return client


def sign_in_without_second_factor(client: Client, person: Person) -> Client:
    """Sign a person in who has not set up a second factor yet."""
    client.force_login(person)
    return client


def declared(person: Person) -> None:
    """Let a coordinator have declared that nothing ties them to anybody, unless they have."""
    Declaration.objects.get_or_create(person=person, defaults={"confirmed_at": clock.now()})


def principal_of(
    person: Person, *, coordinator: bool = False, acting_team: object = ""
) -> Principal:
    """Build the principal that the person would have in a request."""
    give_second_factor(person)
    return principals.of_person(
        person,
        staff_until=clock.now() + staff.length() if coordinator else None,
        acting_team=str(getattr(acting_team, "id", acting_team)),
    )

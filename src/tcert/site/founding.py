"""Founding the hub: the set-up link makes the first coordinator and the desk."""

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.domain.links import use_up
from tcert.community.accounts.domain.people import as_principal, create_person
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.directory.enums import OrganisationKind, TeamKind, TeamRole
from tcert.community.directory.models import Organisation, Team, TeamMembership
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.records import record


def has_coordinator() -> bool:
    """Tell whether anybody belongs to the desk."""
    return TeamMembership.objects.filter(team__is_desk=True).exists()


def found_hub(
    *, link: OneTimeLink, name: str, email: str, passphrase: str, organisation: str, desk: str
) -> Person:
    """Make the first coordinator, the organisation that runs the hub, and its desk.

    Raises:
        Conflict: somebody used the link a moment ago, or the hub has a coordinator.

    """
    password_hash = make_password(passphrase)
    try:
        with transaction.atomic():
            use_up(link)
            if Person.objects.exists() or has_coordinator():
                raise Conflict(_("This hub has a coordinator already. Nothing was changed."))
            person = create_person(email=email, name=name, password_hash=password_hash)
            body = Organisation.objects.create(
                name=organisation.strip(),
                short_name=organisation.strip()[:60],
                kind=OrganisationKind.HUB,
            )
            team = Team.objects.create(
                organisation=body, name=desk.strip(), kind=TeamKind.DESK, is_desk=True
            )
            TeamMembership.objects.create(team=team, person=person, role=TeamRole.REPRESENTATIVE)
            record(as_principal(person), "site:hub:found", "team", team.id)
    except IntegrityError:
        raise Conflict(_("An organisation or team of that name exists already.")) from None
    return person

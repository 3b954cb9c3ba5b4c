"""A forgotten passphrase: the page does the same work for every address, a job does the rest."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.domain.links import NEW_PASSPHRASE_FOR, link_address
from tcert.community.accounts.domain.people import as_principal
from tcert.community.accounts.enums import LinkKind
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.accounts.tokens import digest, new_token
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.jobs import enqueue
from tcert.foundation.kernel.limits import Budget, Outcome, Scope
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.records import record

ASKED = Budget("accounts:forgotten", Scope.HUB, limit=300, per=timedelta(hours=1))


def ask(*, email: str) -> None:
    """Take a request in: the same work whether the address has an account or not.

    Anybody can invent addresses. Beyond the hub's budget the request for one without an account is
    taken back at the end of that work, so that a flood fills neither the tables nor the queue of
    jobs in which other people's notices wait; who has an account is served as ever.
    """
    from tcert.community.accounts.jobs import answer_forgotten

    now = clock.now()
    wanted = email.strip().lower()
    with transaction.atomic():
        within = ASKED.spend() is Outcome.WITHIN
        known = Person.objects.filter(email=wanted, is_active=True).exists()
        with transaction.atomic():
            link = OneTimeLink.objects.create(
                kind=LinkKind.PASSPHRASE,
                email=wanted,
                created_at=now,
                expires_at=now + NEW_PASSPHRASE_FOR,
            )
            enqueue(answer_forgotten, link=link.id)
            transaction.set_rollback(not (within or known))


def answer(link_id: UUID) -> None:
    """Mail a link to the person who has the address; forget the request of anybody else."""
    link = OneTimeLink.objects.filter(id=link_id, digest=None, used_at=None).first()
    if link is None:
        return
    person = Person.objects.filter(email=link.email, is_active=True).first()
    if person is None or not link.is_open(clock.now()):
        link.delete()
        return
    token = new_token()
    with transaction.atomic():
        OneTimeLink.objects.filter(kind=link.kind, person=person, used_at=None).update(
            expires_at=clock.now()
        )
        link.person, link.digest = person, digest(token)
        link.save(update_fields=["person", "digest"])
        queue_mail(
            person.email,
            _("Your sign-in"),
            _(
                "Somebody, probably you, asked for a new passphrase at the TCERT hub.\n\n"
                "Open this address within an hour to choose one:\n\n%(address)s\n\n"
                "It works once, and signing in still takes your second factor. "
                "If you did not ask, do nothing."
            )
            % {"address": link_address(token)},
            key=f"accounts:passphrase:{link.id}",
        )
        record(as_principal(person), "accounts:passphrase:ask", "person", person.id)

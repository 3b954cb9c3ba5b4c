"""Responsibility matrices: entries, chain, links."""

from datetime import timedelta
from uuid import uuid4

import factory
from tests.factories.directory import OrganisationFactory

from tcert.community.accounts.tokens import digest
from tcert.community.responsibility.domains import domains
from tcert.community.responsibility.models import Change, ConfirmLink, Entry, Matrix, Step
from tcert.foundation.kernel import clock


class MatrixFactory(factory.django.DjangoModelFactory):
    """A matrix of an operator, every domain empty."""

    class Meta:
        model = Matrix
        skip_postgeneration_save = True

    organisation = factory.SubFactory(OrganisationFactory)

    @factory.post_generation
    def rows(self, _create, _extracted, **_options):
        Entry.objects.bulk_create(Entry(matrix=self, domain=code) for code in domains())


class StepFactory(factory.django.DjangoModelFactory):
    """Somebody to call."""

    class Meta:
        model = Step

    matrix = factory.SubFactory(MatrixFactory)
    place = factory.Sequence(lambda n: n + 1)
    name = "Nora Night"
    role_title = "Duty manager"
    phone = "+358 50 000 0001"
    hours = "round the clock"


class ChangeFactory(factory.django.DjangoModelFactory):
    """A role that was written in a minute ago."""

    class Meta:
        model = Change

    matrix = factory.SubFactory(MatrixFactory)
    batch = factory.LazyFunction(uuid4)
    part = "core"
    before = factory.LazyFunction(lambda: {"role_title": ""})
    after = factory.LazyFunction(lambda: {"role_title": "Head of core"})


class ConfirmLinkFactory(factory.django.DjangoModelFactory):
    """A link that works; `secret` is what stands in its address."""

    class Meta:
        model = ConfirmLink
        exclude = ("secret",)

    secret = "letmein"
    matrix = factory.SubFactory(MatrixFactory)
    mail = "kai@operator.example"
    digest = factory.LazyAttribute(lambda o: digest(o.secret))
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(days=14))


def named(matrix: Matrix, domain: str = "core", **values: object) -> Entry:
    """Let somebody without an account be accountable for a domain, asked a day ago."""
    entry = Entry.objects.get(matrix=matrix, domain=domain)
    given = {
        "name": "Kai Core",
        "role_title": "Head of core",
        "mail": "kai@operator.example",
        "phone": "+358 9 000 0002",
        "responsible": ["Core operations"],
        "asked_at": clock.now() - timedelta(days=1),
        "mailed_at": clock.now() - timedelta(days=1),
        **values,
    }
    if given.get("person") is not None:
        given |= {"name": "", "mail": ""}
    for name, value in given.items():
        setattr(entry, name, value)
    entry.save()
    return entry


def filled(matrix: Matrix, **values: object) -> None:
    """Let every domain have been confirmed a day ago, and two be in the chain."""
    for at, code in enumerate(domains()):
        mail = f"p{at}@operator.example"
        confirmed = {"confirmed_at": clock.now() - timedelta(days=1), "mail": mail}
        named(matrix, code, **{**confirmed, "name": f"Person {at}", **values})
    StepFactory(matrix=matrix, place=1)
    StepFactory(matrix=matrix, place=2, name="Dan Deputy", phone="+358 50 000 0003")

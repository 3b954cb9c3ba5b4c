"""Imports of other directories, and what they brought."""

import factory

from tcert.community.imports.enums import Phase, Source
from tcert.community.imports.models import Entry, Import


class ImportFactory(factory.django.DjangoModelFactory):
    """An import that was applied."""

    class Meta:
        model = Import

    source = Source.TRUSTED_INTRODUCER
    phase = Phase.DONE


class EntryFactory(factory.django.DjangoModelFactory):
    """A team of another directory."""

    class Meta:
        model = Entry

    source = Source.TRUSTED_INTRODUCER
    key = factory.Sequence(lambda n: f"cert-{n}")
    name = factory.Sequence(lambda n: f"CERT {n} elsewhere")
    data = factory.LazyAttribute(lambda it: {"official_name": it.name})

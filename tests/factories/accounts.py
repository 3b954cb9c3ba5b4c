"""People and what belongs to them."""

from functools import cache

import factory
from django.contrib.auth.hashers import make_password
from tests.principals import PASSPHRASE

from tcert.community.accounts.models import Person


@cache
def _hashed() -> str:
    """Hash the test passphrase once: the hasher is slow on purpose."""
    return make_password(PASSPHRASE)


class PersonFactory(factory.django.DjangoModelFactory):
    """A person who can sign in with `tests.principals.PASSPHRASE`."""

    class Meta:
        model = Person

    email = factory.Sequence(lambda n: f"person{n}@operator.example")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.LazyFunction(_hashed)

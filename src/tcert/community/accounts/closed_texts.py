"""Where the sign-in library keeps what the adapter closed, so that key rotation reaches it."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from tcert.community.accounts.adapters import SECOND_FACTOR
from tcert.foundation.kernel import guarded

_CLOSED = ("secret", "seed")


def walk_second_factors(change: guarded.Change) -> None:
    """Change the closed secret of every authenticator app and seed of recovery codes."""
    for key in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=key).first()
            if factor is None:
                continue
            closed = {name: factor.data[name] for name in _CLOSED if name in factor.data}
            changed = {name: change(text) for name, text in closed.items()}
            if changed != closed:
                factor.data = {**factor.data, **changed}
                factor.save(update_fields=["data"])


guarded.register_texts(SECOND_FACTOR, walk_second_factors)

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    """The lowest room: knows no telecom organisation, no person, no case."""

    name = "tcert.foundation.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.UUIDField"

    def ready(self) -> None:
        """Load the rules, and every room's jobs."""
        from tcert.foundation.kernel import housekeeping, rules  # noqa: F401

        autodiscover_modules("jobs")
        post_migrate.connect(_make_field_keys, sender=self)


def _make_field_keys(**_about: Any) -> None:
    """A new hub has its field keys as soon as it has its tables."""
    from tcert.foundation.kernel import guarded

    guarded.first_start()

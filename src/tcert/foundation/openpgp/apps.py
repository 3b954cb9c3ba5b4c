from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OpenpgpConfig(AppConfig):
    """Certificates, sealing, signatures: the only place that touches pysequoia."""

    name = "tcert.foundation.openpgp"
    label = "openpgp"

    def ready(self) -> None:
        """Make the hub's key with the tables of a trial hub."""
        post_migrate.connect(_make_hub_key, sender=self)


def _make_hub_key(**_about: Any) -> None:
    from tcert.foundation.openpgp import hubkey

    hubkey.first_start()

from django.apps import AppConfig


class SealedConfig(AppConfig):
    """Threads and messages that only their recipients can open."""

    name = "tcert.foundation.sealed"
    label = "sealed"

from django.apps import AppConfig


class TransparencyConfig(AppConfig):
    """The hash tree over records: what was done cannot be undone unseen."""

    name = "tcert.foundation.transparency"
    label = "transparency"

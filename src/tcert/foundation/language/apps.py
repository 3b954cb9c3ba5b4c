from django.apps import AppConfig


class LanguageConfig(AppConfig):
    """The common language: vocabularies and their terms."""

    name = "tcert.foundation.language"
    label = "language"

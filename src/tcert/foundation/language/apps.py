from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LanguageConfig(AppConfig):
    """The common language: vocabularies and their terms."""

    name = "tcert.foundation.language"
    label = "language"

    def ready(self) -> None:
        """List the glossary at the foot of every page; `g l` leads to it."""
        from tcert.foundation.ui import navigation

        navigation.register(
            navigation.Section.FOOT, _("Language"), "language:glossary", order=40, key="l"
        )

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Base templates, components and the static design system."""

    name = "tcert.foundation.ui"
    label = "ui"

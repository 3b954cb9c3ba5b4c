from django.apps import AppConfig


class ExplainConfig(AppConfig):
    """One message, element by element, for a person."""

    name = "tcert.response.explain"
    label = "explain"

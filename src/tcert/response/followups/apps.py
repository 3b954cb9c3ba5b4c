from importlib import import_module

from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    """What becomes of a notification elsewhere: an incident that is made of it."""

    name = "tcert.response.followups"
    label = "followups"

    def ready(self) -> None:
        """Put the ways to each other onto the pages of the two rooms."""
        import_module(f"{self.name}.registrations")

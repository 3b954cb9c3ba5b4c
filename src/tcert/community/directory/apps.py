from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Organisations, teams, people in teams, channels and team keys."""

    name = "tcert.community.directory"
    label = "directory"

    def ready(self) -> None:
        """Load the rules."""
        from tcert.community.directory import rules  # noqa: F401

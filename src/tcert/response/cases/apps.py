from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Protocol, participants, threads, embargo, statements: one report's way to those who act."""

    name = "tcert.response.cases"
    label = "cases"

    def ready(self) -> None:
        """Load the rules, the jobs and what the room offers to the pages above it."""
        from tcert.response.cases import jobs, registrations, rules  # noqa: F401

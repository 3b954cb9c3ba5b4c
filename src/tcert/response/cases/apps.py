from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Protocol, participants, threads, embargo, statements: one report's way to those who act."""

    name = "tcert.response.cases"
    label = "cases"

    def ready(self) -> None:
        """Load the rules, the jobs and what the room offers to the pages above it."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import contributions
        from tcert.response.cases import jobs, registrations, rules  # noqa: F401

        contributions.register(
            "cases:acknowledged",
            kind="case-acknowledged",
            label=_("Acknowledged a case in time"),
            how=_("Answer invitations into cases before they lapse"),
            url="cases:list",
            is_confidential=True,
        )

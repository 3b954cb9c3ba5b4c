from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """How long a case is kept, what keeps it longer, what a party takes along, what is left."""

    name = "tcert.response.retention"
    label = "retention"

    def ready(self) -> None:
        """Load the rules, the jobs, and what the room offers to the pages of others."""
        from tcert.response.retention import jobs, registrations, rules  # noqa: F401

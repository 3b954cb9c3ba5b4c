from django.apps import AppConfig


class CrewConfig(AppConfig):
    """A room that exists in tests only: jobs that work, hang and crash in real workers."""

    name = "tests.crew"
    label = "crew"

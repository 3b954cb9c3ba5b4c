from importlib import import_module

from django.apps import AppConfig


class CrewConfig(AppConfig):
    """A room that exists in tests only: jobs that work, hang and crash in real workers."""

    name = "tests.crew"
    label = "crew"

    def ready(self) -> None:
        """Leave the hub's own schedule out: at some minutes of the hour it would step in."""
        cadences = import_module("tcert.foundation.kernel.jobs")._cadences
        for name in [name for name in cadences if not name.startswith("crew:")]:
            del cadences[name]

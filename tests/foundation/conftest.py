"""Real workers in processes of their own."""

import subprocess
import sys
from importlib import import_module

import pytest
from tests.crew.running import ROOT, environment

from tcert.foundation.kernel import jobs, outbox


@pytest.fixture
def workers():
    started = []

    def start(processes=2, **more):
        command = [sys.executable, "-m", "tcert", "worker", "--processes", str(processes)]
        started.append(subprocess.Popen(command, cwd=ROOT, env={**environment(), **more}))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        assert process.wait(100) is not None


@pytest.fixture
def crew(monkeypatch):
    """Know the crew's jobs in this process too, to enqueue them, for the length of a test."""
    monkeypatch.setattr(jobs, "_kinds", dict(jobs._kinds))
    monkeypatch.setattr(jobs, "_cadences", dict(jobs._cadences))
    monkeypatch.setattr(outbox, "_handlers", outbox._handlers.copy())
    sys.modules.pop("tests.crew.jobs", None)
    return import_module("tests.crew.jobs")

"""The hub with its daily budgets for reports lifted: `bench.announcing:application`.

Over these budgets a report is taken all the same but announced to nobody, so that a measurement of
the product as it stands would leave out what an ordinary report writes for the worker.
"""

from dataclasses import replace
from importlib import import_module

from tcert.site.asgi import application  # sets Django up, which the rooms need

MANY = 10**9

receiving = import_module("tcert.response.intake.domain.receiving")
for name in ("ALL_REPORTS", "TEAM_REPORTS", "WITHOUT_PROOF"):
    setattr(receiving, name, replace(getattr(receiving, name), limit=MANY))

__all__ = ["application"]

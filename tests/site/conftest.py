"""What tests of the whole share: a hub in processes of its own, behind nginx."""

from tests.running_hub import served

__all__ = ["served"]

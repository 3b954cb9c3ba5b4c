"""Give an empty hub a desk that takes reports. Run on the hub's database: `-m bench.desk`."""

import django


def main() -> None:
    """Make the desk and its key; its secret half is not kept."""
    django.setup()
    from tests.factories.intake import ready_desk

    ready_desk()


if __name__ == "__main__":
    main()

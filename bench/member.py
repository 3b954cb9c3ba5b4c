"""Sign a coordinator of the hub in, and print the cookies: `-m bench.member`."""

import json
import sys

import django


def main() -> None:
    """Print the cookies of a session that is over a second factor, with coordinator rights."""
    django.setup()
    from django.conf import settings
    from django.test import Client
    from tests.factories.directory import coordinator_of_desk
    from tests.principals import sign_in

    host = settings.BASE_URL.partition("://")[2]
    client = sign_in(Client(headers={"host": host}), coordinator_of_desk(), coordinator=True)
    told = {name: morsel.value for name, morsel in client.cookies.items()}
    sys.stdout.write("\n" + json.dumps(told) + "\n")


if __name__ == "__main__":
    main()

"""The administrator's brake: who holds the machine can close a coordinator's account.

Between two coordinators of whom one was taken over the hub cannot know who is who, and each could
refuse the other for ever. The machine's owner can, from outside.
"""

import argparse

DONE, PROBLEM = 0, 1


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `desk`."""
    command = commands.add_parser("desk", help="close a coordinator's account in an emergency")
    command.add_argument("act", choices=["close"], help="close: end all sessions, no more sign-in")
    command.add_argument("email", help="the address that the coordinator signs in with")
    command.set_defaults(run=_close)


def _close(options: argparse.Namespace) -> int:
    from tcert.community.desk.domain import brake
    from tcert.foundation.kernel.errors import DomainError

    try:
        person = brake.close_coordinator(email=options.email)
    except DomainError as error:
        print(f"tcert desk: {error.message}")
        return PROBLEM
    print(f"{person.name}: the account is closed. A coordinator can open it again under “People”.")
    return DONE

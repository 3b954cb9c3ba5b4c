"""Commands around what the hub serves to browsers."""

import argparse

from tcert.foundation.openpgp.hubkey import HubKeyProblem
from tcert.foundation.sealed import scripts

DONE, PROBLEM = 0, 1


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `scripts`."""
    command = commands.add_parser("scripts", help="list the scripts that the hub serves")
    command.add_argument(
        "act",
        choices=["list", "sign"],
        help="list: print names and digests as `sha256sum` does; "
        "sign: publish the list under the hub's key (`tcert check scripts` compares)",
    )
    command.set_defaults(run=_scripts)


def _scripts(options: argparse.Namespace) -> int:
    if options.act == "list":
        print(scripts.write(scripts.served()), end="")
        return DONE
    try:
        print(scripts.publish(), end="")
    except HubKeyProblem as problem:
        print(f"tcert: {problem}")
        return PROBLEM
    return DONE

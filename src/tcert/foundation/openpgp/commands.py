"""Commands around the hub's own key, and the key for mail."""

import argparse

from tcert.foundation.openpgp import hubkey, mailkey
from tcert.foundation.openpgp.certificates import CertificateInfo

DONE, PROBLEM = 0, 1


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `hub-key` and `mail-key`."""
    command = commands.add_parser("hub-key", help="make, show, prolong or replace the hub's key")
    command.add_argument(
        "act",
        choices=["create", "show", "extend", "rotate"],
        help="create: make the first key; show: print the public half; extend: two more years; "
        "rotate: replace it and print the note signed by both",
    )
    command.set_defaults(run=_hub_key)
    command = commands.add_parser("mail-key", help="make, show or replace the key for mail")
    command.add_argument(
        "act",
        choices=["create", "show", "replace"],
        help="create: make the key to which members seal incidents that they mail; show: print "
        "the public half; replace: make a new one and destroy the old",
    )
    command.set_defaults(run=_mail_key)


def _hub_key(options: argparse.Namespace) -> int:
    try:
        match options.act:
            case "create":
                _tell(hubkey.create())
            case "extend":
                _tell(hubkey.extend())
            case "rotate":
                rotation = hubkey.rotate()
                print(rotation.note, rotation.signature_by_old, rotation.signature_by_new, sep="\n")
                print("The hub publishes this note at /about/hub-key-changes.txt.")
                print(
                    "Put the old secret (beside the new one) away, or destroy it if it was taken."
                )
                print("Then: tcert scripts sign; and tell the fingerprint off the hub as well.")
            case _:
                info = hubkey.public()
                if info is None:
                    print("There is no hub key yet: make one with “tcert hub-key create”.")
                    return PROBLEM
                _tell(info)
                print(info.armoured, end="")
    except hubkey.HubKeyProblem as problem:
        print(f"tcert: {problem}")
        return PROBLEM
    return DONE


def _mail_key(options: argparse.Namespace) -> int:
    try:
        if options.act == "show":
            info = mailkey.public()
        else:
            info = mailkey.create(replace=options.act == "replace")
    except hubkey.HubKeyProblem as problem:
        print(f"tcert: {problem}")
        return PROBLEM
    if info is None:
        print("There is no key for mail yet: make one with “tcert mail-key create”.")
        return PROBLEM
    _tell(info)
    if options.act == "show":
        print(info.armoured, end="")
    return DONE


def _tell(info: CertificateInfo) -> None:
    expires = f"{info.expires:%Y-%m-%d}" if info.expires else "never"
    print(f"{info.display_fingerprint}, expires {expires}")

"""Commands of the machinery: the worker, the field keys, and whether all is as it should be."""

import argparse
import json
import sys

from tcert.foundation.kernel import environment


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `worker`, `check` and `keys`."""
    worker = commands.add_parser("worker", help="run background jobs until stopped")
    worker.add_argument("--processes", type=int, default=2, help="how many at once (default 2)")
    worker.add_argument("--once", action="store_true", help="run what is due now, then leave")
    worker.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    worker.set_defaults(run=_worker)
    check = commands.add_parser(
        "check",
        help="is this installation safe and complete",
        description="Exit codes: 0 no problem found (warnings may be), 1 a problem, 2 wrong use.",
        allow_abbrev=False,  # what is read before all else knows whole words alone
    )
    check.add_argument("names", nargs="*", metavar="NAME", help="inspect only this (default all)")
    check.add_argument(
        "--scripts", action="store_true", help="the same as the name `scripts`: served scripts"
    )
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    environment.add_to(check)
    check.set_defaults(run=_check, any_schema=True)  # it says so itself
    keys = commands.add_parser("keys", help="rotate the keys of guarded fields")
    keys.add_argument(
        "act",
        choices=["rotate", "retire"],
        help="rotate: add a new key and put all values under it; "
        "retire: remove the older keys once nothing needs them",
    )
    keys.set_defaults(run=_keys)


def _worker(options: argparse.Namespace) -> int:
    from tcert.foundation.kernel import guarded, jobs, worker

    if not worker.has_tables(patient=not options.once):
        print("The database is not prepared: run `tcert migrate` first.", file=sys.stderr)
        return 1
    guarded.first_start()
    if options.once:
        jobs.tick()
        print(f"{jobs.run_due()} jobs run")
    elif options.child:
        worker.Child().run()
    else:
        worker.supervise(options.processes)
    return 0


def _check(options: argparse.Namespace) -> int:
    from tcert.foundation.kernel import installation

    known, alone = installation.names(), installation.commands()
    names = [*options.names, *(["scripts"] if options.scripts else [])]
    if len(names) == 1 and names[0] in alone:
        return alone[names[0]](options)
    unknown = set(names) - set(known)
    if unknown:
        if unknown <= set(alone):
            print(f"tcert check: {', '.join(sorted(unknown))} is checked on its own.")
        else:
            there = ", ".join(sorted({*known, *alone}))
            print(f"tcert check: no {', '.join(sorted(unknown))}; there is {there}.")
        return 2
    findings = installation.inspect_sorted(names)
    if options.json:
        rows = [
            {
                "level": found.level,
                "inspection": found.inspection,
                "message": str(found.message),
                "cure": str(found.cure),
            }
            for found in findings
        ]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for found in findings:
            print(f"{found.level:8} {found.inspection:10} {found.message}")
            if found.cure:
                print(f"{'':19} -> {found.cure}")
    return int(any(found.level is installation.Level.PROBLEM for found in findings))


def _keys(options: argparse.Namespace) -> int:
    from tcert.foundation.kernel import guarded

    if options.act == "rotate":
        guarded.rotate()
        print(f"A new key is in use; {guarded.close_again()} values were put under it.")
        print("Now: tcert backup-keys. In ten minutes: tcert keys retire.")
    else:
        guarded.retire_old_keys()
        print("Only the current key is left. Keep a copy of the key file in a safe place.")
    return 0

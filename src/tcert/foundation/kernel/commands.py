"""Commands of the machinery: the worker, the field keys."""

import argparse


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `worker` and `keys`."""
    worker = commands.add_parser("worker", help="run background jobs until stopped")
    worker.add_argument("--processes", type=int, default=2, help="how many at once (default 2)")
    worker.add_argument("--once", action="store_true", help="run what is due now, then leave")
    worker.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    worker.set_defaults(run=_worker)
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

    guarded.first_start()
    if options.once:
        jobs.tick()
        print(f"{jobs.run_due()} jobs run")
    elif options.child:
        worker.Child().run()
    else:
        worker.supervise(options.processes)
    return 0


def _keys(options: argparse.Namespace) -> int:
    from tcert.foundation.kernel import guarded

    if options.act == "rotate":
        guarded.rotate()
        print(f"A new key is in use; {guarded.close_again()} values were put under it.")
    else:
        guarded.retire_old_keys()
        print("Only the current key is left. Keep a copy of the key file in a safe place.")
    return 0

"""Writes newer_keys.json: public keys of version 6, plain and post-quantum.

python tests/vectors/make_newer_keys.py > tests/vectors/newer_keys.json
"""

import json
import sys

import pysequoia

SUITES = ("Cv25519", "MLDSA65_Ed25519", "MLDSA87_Ed448")

json.dump(
    {
        suite: str(
            pysequoia.Tsk.generate(
                "CERT One <cert@one.example>",
                profile=pysequoia.Profile.RFC9580,
                cipher_suite=getattr(pysequoia.CipherSuite, suite),
            ).extract_certificate()
        )
        for suite in SUITES
    },
    sys.stdout,
    indent=1,
)

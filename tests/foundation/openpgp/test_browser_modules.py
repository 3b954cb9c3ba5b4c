"""The JavaScript that browsers run, proven under Node against the library and GnuPG."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE = shutil.which("node")


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("CI") and (NODE is None or shutil.which("gpg") is None),
    reason="install node and gpg to run the browser modules' tests",
)
def test_sealing_opens_everywhere():
    done = subprocess.run(
        [NODE or "node", "--test", "--test-reporter=tap", "common.test.mjs"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr

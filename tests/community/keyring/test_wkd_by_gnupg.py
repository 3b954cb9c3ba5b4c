"""`gpg --locate-external-keys` finds a key by address in the hub's Web Key Directory.

GnuPG asks port 443 of a sub-domain of the address's domain over TLS that the system trusts. So the
test takes that port of this machine, and shows GnuPG alone, in a mount namespace of its own, a
table of names that leads here and a list of authorities that holds the test's. Both need a
superuser; elsewhere `test_keyring_doors.py` fetches by the same rule and lets GnuPG import it.
"""

import os
import shutil
import socket
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from django.test import Client
from tests.community.keyring.test_keyring_doors import ADDRESS, served
from tests.gnupg import gnupg_home
from tests.web_server import Authority, answer, web_server

HOSTS, AUTHORITIES = "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def obstacle():
    """Why it cannot be done here, or nothing."""
    if os.geteuid() != 0 or not os.path.exists(AUTHORITIES):  # noqa: PTH110
        return "only a superuser can take port 443 and hide the system's authorities"
    with socket.socket() as wanted:
        wanted.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if wanted.connect_ex(("127.0.0.1", 443)) == 0:
            return "port 443 is in use"
    tried = shutil.which("unshare") and subprocess.run(["unshare", "-m", "true"], check=False)
    return "" if tried and tried.returncode == 0 else "no mount namespace can be made"


def test_gnupg_locates_the_key_of_an_address(settings, tmp_path):
    if why := obstacle():
        pytest.skip(why)
    settings.ALLOWED_HOSTS = ["*"]
    _team, party = served(ADDRESS)
    authority = Authority.make()
    trusted = tmp_path / "authority.pem"
    trusted.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))

    names = tmp_path / "hosts"
    names.write_text("127.0.0.1 localhost team.example openpgpkey.team.example\n")

    def says(talk):
        got = Client().get(talk.request.line.split()[1])
        talk.write(answer(f"{got.status_code} Answer", got.content))

    context = authority.server_context(tmp_path, "openpgpkey.team.example")
    with web_server(says, context, port=443) as server, gnupg_home() as gpg:
        (gpg.home / "dirmngr.conf").write_text("disable-ipv6\n")
        command = (
            f"mount --bind {trusted} {AUTHORITIES} && mount --bind {names} {HOSTS} && "
            f"exec gpg --homedir {gpg.home} --batch --no-tty "
            f"--auto-key-locate clear,nodefault,wkd --locate-external-keys {ADDRESS}"
        )
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", command], capture_output=True, check=False, timeout=90
        )
        assert done.returncode == 0, done.stderr.decode()
        assert gpg.fingerprints() == [party.fingerprint]
    assert any("/team.example/hu/" in asked.line for asked in server.asked)

"""The algorithms of keys: their names, and which are too weak to be sealed to or believed."""

from tcert.foundation.openpgp.packets import PacketError
from tcert.foundation.openpgp.signatures import Algorithm, KeyBody, curve_of, mpis

MIN_RSA_BITS = 2048
_CURVES = {
    "2b06010401da470f01": "Ed25519",
    "2b060104019755010501": "Cv25519",
    "2a8648ce3d030107": "NIST P-256",
    "2b81040022": "NIST P-384",
    "2b81040023": "NIST P-521",
    "2b2403030208010107": "Brainpool P-256",
    "2b240303020801010b": "Brainpool P-384",
    "2b240303020801010d": "Brainpool P-512",
}
_NAMES: dict[int, str] = {
    Algorithm.X25519: "X25519",
    Algorithm.X448: "X448",
    Algorithm.ED25519: "Ed25519",
    Algorithm.ED448: "Ed448",
}
_POST_QUANTUM = {
    30: "ML-DSA-65 + Ed25519",
    31: "ML-DSA-87 + Ed448",
    32: "SLH-DSA-128s",
    33: "SLH-DSA-128f",
    34: "SLH-DSA-256s",
    35: "ML-KEM-768 + X25519",
    36: "ML-KEM-1024 + X448",
}
_WEAK = frozenset({Algorithm.ELGAMAL, Algorithm.DSA, Algorithm.ELGAMAL_BOTH})


def _rsa_bits(key: KeyBody) -> int:
    try:
        return mpis(key.material, 1)[0].bit_length()
    except PacketError:
        return 0


def _is_rsa(key: KeyBody) -> bool:
    return key.algorithm in {Algorithm.RSA, Algorithm.RSA_ENCRYPT, Algorithm.RSA_SIGN}


def is_weak(key: KeyBody) -> bool:
    """Whether the algorithm, or its size, is too weak to be relied on today."""
    return key.algorithm in _WEAK or (_is_rsa(key) and _rsa_bits(key) < MIN_RSA_BITS)


def algorithm_name(key: KeyBody) -> str:
    """Return the name as people know it, such as ``Cv25519`` or ``RSA 3072``."""
    if _is_rsa(key):
        return f"RSA {_rsa_bits(key)}"
    if key.algorithm in {Algorithm.ECDH, Algorithm.ECDSA, Algorithm.EDDSA}:
        return _CURVES.get(curve_of(key), "elliptic curve")
    if key.algorithm == Algorithm.DSA:
        return "DSA"
    if key.algorithm in {Algorithm.ELGAMAL, Algorithm.ELGAMAL_BOTH}:
        return "ElGamal"
    named = _NAMES.get(key.algorithm) or _POST_QUANTUM.get(key.algorithm)
    return named or f"algorithm {key.algorithm}"


def is_proven_in_browser(name: str) -> bool:
    """Whether the browser's side is proven with keys of this `algorithm_name`."""
    return name in _CURVES.values() or name in _NAMES.values() or name.startswith("RSA ")

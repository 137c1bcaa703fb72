"""Certificates for tests, made on the spot and signed by an authority of their own."""

from __future__ import annotations

from pathlib import Path

import trustme

from callcenter.sip.line.tls import Certificates


class Authority:
    """Signs; whoever has its `ca` trusts what it signed."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._ca = trustme.CA()
        self._folder = folder
        self.ca = str(folder / f"{name}.pem")
        self._ca.cert_pem.write_to_path(self.ca)

    def files(self, *names: str, verify: bool = True) -> Certificates:
        """A certificate for these names and addresses, and trust in this authority."""
        made = self._ca.issue_cert(*(names or ("127.0.0.1", "::1", "localhost")))
        place = self._folder / "-".join(names or ("all",)).replace(":", "_")
        cert, key = f"{place}.cert.pem", f"{place}.key.pem"
        made.private_key_pem.write_to_path(key)
        for number, blob in enumerate(made.cert_chain_pems):
            blob.write_to_path(cert, append=number > 0)
        return Certificates(cert, key, self.ca, verify)

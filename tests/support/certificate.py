"""A certificate authority and a server certificate for one run of the tests."""

import subprocess


class Certificate:
    def __init__(self, directory):
        self.ca = directory / "ca.crt"
        self.cert = directory / "server.crt"
        self.key = directory / "server.key"
        ca_key, request = directory / "ca.key", directory / "server.csr"
        extensions = directory / "extensions"
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self._openssl("req", "-x509", *curve, "-keyout", ca_key, "-out", self.ca,
                      "-subj", "/CN=weir test authority", "-days", "2")
        self._openssl("req", *curve, "-keyout", self.key, "-out", request, "-subj", "/CN=localhost")
        self._openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key,
                      "-CAcreateserial", "-out", self.cert, "-days", "2", "-extfile", extensions)
        self.key.chmod(0o600)

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

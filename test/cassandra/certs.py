"""Makes the certificates of a TLS cluster with openssl and keytool.

In DIR/tls: ca.crt; client.crt, client.key and the same key encrypted with
the password "secret" in client-encrypted.key; alice.crt and alice.key;
these two name identities, spiffe://test/client and so on; other-ca.crt, an unrelated
CA, and stranger.crt, stranger.key, signed by it.
"""

import os
import shutil
import subprocess

PASSWORD = "cassandra"


def run(directory, *command):
    subprocess.run(command, cwd=directory, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


def make_key(directory, name):
    run(directory, "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
        "ec_paramgen_curve:P-256", "-out", name + ".key")
    os.chmod(os.path.join(directory, name + ".key"), 0o600)


def make_ca(directory, name, subject):
    make_key(directory, name)
    run(directory, "openssl", "req", "-x509", "-new", "-key", name + ".key",
        "-days", "30", "-subj", "/CN=" + subject, "-out", name + ".crt",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def make_cert(directory, name, subject, ca, san=None, days=30):
    make_key(directory, name)
    run(directory, "openssl", "req", "-new", "-key", name + ".key",
        "-subj", "/CN=" + subject, "-out", name + ".csr")
    with open(os.path.join(directory, name + ".ext"), "w",
              encoding="ascii") as extensions:
        extensions.write("basicConstraints=CA:FALSE\n")
        if san:
            extensions.write("subjectAltName=%s\n" % san)
    run(directory, "openssl", "x509", "-req", "-in", name + ".csr",
        "-CA", ca + ".crt", "-CAkey", ca + ".key", "-CAcreateserial",
        "-days", str(days), "-extfile", name + ".ext", "-out", name + ".crt")


def make_authorities(directory):
    """The CAs, the clients' files and the nodes' truststore."""
    os.makedirs(directory, exist_ok=True)
    make_ca(directory, "ca", "test CA")
    make_ca(directory, "other-ca", "other CA")
    make_cert(directory, "client", "client", "ca", "URI:spiffe://test/client")
    make_cert(directory, "alice", "alice", "ca", "URI:spiffe://test/alice")
    make_cert(directory, "stranger", "stranger", "other-ca")
    run(directory, "openssl", "pkey", "-in", "client.key", "-aes256",
        "-passout", "pass:secret", "-out", "client-encrypted.key")
    run(directory, keytool(), "-importcert", "-noprompt", "-alias", "ca",
        "-file", "ca.crt", "-keystore", "trust.p12", "-storetype", "PKCS12",
        "-storepass", PASSWORD)


def keytool():
    found = shutil.which("keytool")
    if found:
        return found
    import server
    return os.path.join(os.path.dirname(server.java()), "keytool")


def make_node(directory, name, address, san=None, days=30):
    """A node's certificate and keystore."""
    make_cert(directory, name, address, "ca",
              san or "IP:%s,DNS:cassandra.test" % address, days)
    run(directory, "openssl", "pkcs12", "-export", "-in", name + ".crt",
        "-inkey", name + ".key", "-certfile", "ca.crt", "-name", name,
        "-out", name + ".p12", "-passout", "pass:" + PASSWORD)

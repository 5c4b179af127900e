"""Nodes of a Cassandra cluster on loopback addresses, by pid file."""

import ipaddress
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import certs
import cqlwire
import server

START_SECONDS = 180
STOP_SECONDS = 30
RING_DELAYS_MS = (1000, 4000, 8000)
LOG_TAIL_LINES = 40
# What 4.0 calls settings that later releases have by other names.
NAMES_OF_40 = {
    "commitlog_sync_period": "commitlog_sync_period_in_ms",
    "user_defined_functions_enabled": "enable_user_defined_functions",
    "materialized_views_enabled": "enable_materialized_views",
    "sasi_indexes_enabled": "enable_sasi_indexes",
    "drop_compact_storage_enabled": "enable_drop_compact_storage",
}

LOGBACK = """<configuration>
  <appender name="FILE" class="ch.qos.logback.core.FileAppender">
    <file>%s</file>
    <encoder><pattern>%%-5level %%date{ISO8601} [%%thread] %%logger{0}
 - %%msg%%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="FILE"/></root>
</configuration>
"""


class NodeError(Exception):
    """A node that cannot be made to do what was asked."""


class NotYet(Exception):
    """The cluster is on its way to what is waited for."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def each(names, count, what):
    """One name for all nodes, or a list with one for each."""
    parts = names.split(",")
    if len(parts) == 1:
        return parts * count
    if len(parts) != count:
        raise NodeError("%d names of %s for %d nodes"
                        % (len(parts), what, count))
    return parts


class Node:
    """One node: its directory, process and address."""

    def __init__(self, cluster, number):
        options = cluster.options
        self.cluster = cluster
        self.number = number
        self.dir = os.path.join(cluster.dir, "node%d" % number)
        self.address = options.get("addresses", {}).get(str(number)) or str(
            ipaddress.ip_address(options["base_address"]) + number - 1)
        self.log = os.path.join(self.dir, "system.log")
        self.output = os.path.join(self.dir, "output.log")
        self.pid_file = os.path.join(self.dir, "pid")
        self.jmx_file = os.path.join(self.dir, "jmx-port")
        self.joined_file = os.path.join(self.dir, "joined")

    def pid(self):
        """The process id while the process lives and is this node's."""
        try:
            with open(self.pid_file, encoding="ascii") as file:
                pid = int(file.read())
            with open("/proc/%d/cmdline" % pid, "rb") as file:
                mine = os.fsencode(self.dir + "/") in file.read()
            with open("/proc/%d/stat" % pid, encoding="ascii") as file:
                zombie = file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except (OSError, ValueError):
            return None
        return pid if mine and not zombie else None

    def state(self):
        pid = self.pid()
        if pid is None:
            return "down"
        with open("/proc/%d/stat" % pid, encoding="ascii") as file:
            if file.read().rsplit(")", 1)[1].split()[0] in "Tt":
                return "stopped"
        try:
            self.connect(timeout=2).close()
        except (OSError, cqlwire.CqlError):
            return "starting"
        return "up"

    def connect(self, timeout=20):
        options = self.cluster.options
        tls = None
        if options["tls"]:
            tls = cqlwire.client_tls(
                cert=os.path.join(self.cluster.tls_dir, "client.crt"),
                key=os.path.join(self.cluster.tls_dir, "client.key"))
        return cqlwire.Connection(self.address, options["port"],
                                  "cassandra", "cassandra", tls, timeout)

    def signal(self, name):
        pid = self.pid()
        if pid is None:
            raise NodeError("node %d is not running" % self.number)
        try:
            number = getattr(signal, "SIG" + name.upper().replace("SIG", ""))
        except AttributeError:
            raise NodeError('there is no signal "%s"' % name) from None
        os.kill(pid, number)

    def write_config(self):
        options = self.cluster.options
        conf = os.path.join(self.dir, "conf")
        for directory in (conf, os.path.join(self.dir, "tmp")):
            os.makedirs(directory, exist_ok=True)
        files = {
            "cassandra.yaml": "".join(
                "%s: %s\n" % item for item in self.yaml().items()),
            "logback.xml": LOGBACK.replace("\n - ", " - ") % self.log,
            "cassandra-rackdc.properties": "dc=%s\nrack=%s\n" % (
                each(options["dc"], options["nodes"],
                     "data centres")[self.number - 1],
                each(options["rack"], options["nodes"],
                     "racks")[self.number - 1]),
        }
        for name, text in files.items():
            with open(os.path.join(conf, name), "w",
                      encoding="utf-8") as file:
                file.write(text)

    def yaml(self):
        options = self.cluster.options
        data = os.path.join(self.dir, "data")
        lines = {
            "cluster_name": json.dumps(options["cluster_name"]),
            "num_tokens": options["tokens"],
            "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
            "commitlog_sync": "periodic",
            "commitlog_sync_period": "10000ms",
            "data_file_directories": "[%s/data]" % data,
            "commitlog_directory": data + "/commitlog",
            "saved_caches_directory": data + "/saved_caches",
            "hints_directory": data + "/hints",
            "cdc_raw_directory": data + "/cdc_raw",
            "listen_address": self.address,
            "rpc_address": self.address,
            "native_transport_port": options["port"],
            "endpoint_snitch": "GossipingPropertyFileSnitch",
            "seed_provider": "[{class_name: org.apache.cassandra.locator."
            "SimpleSeedProvider, parameters: [{seeds: '%s:7000'}]}]"
            % options["base_address"],
            "authenticator": "AllowAllAuthenticator",
            "authorizer": "AllowAllAuthorizer",
            "role_manager": "CassandraRoleManager",
            "user_defined_functions_enabled": "true",
            "materialized_views_enabled": "true",
            "sasi_indexes_enabled": "true",
            "drop_compact_storage_enabled": "true",
        }
        if options["auth"]:
            lines["authenticator"] = "PasswordAuthenticator"
            lines["authorizer"] = "CassandraAuthorizer"
        if options["commitlog_batch"]:
            lines["commitlog_sync"] = "batch"
            del lines["commitlog_sync_period"]
        if options["tls"]:
            lines["client_encryption_options"] = self.encryption()
        if not options["version"].startswith("4."):
            lines["dynamic_data_masking_enabled"] = "true"
        if options["version"].startswith("4.0"):
            lines = {NAMES_OF_40.get(key, key):
                     value.removesuffix("ms") if key.startswith("commitlog")
                     else value for key, value in lines.items()}
        lines.update(options["settings"])
        return {key: value for key, value in lines.items() if value != ""}

    def encryption(self):
        tls = self.cluster.tls_dir
        words = {"enabled": True, "optional": False,
                 "keystore": "%s/node%d.p12" % (tls, self.number),
                 "keystore_password": certs.PASSWORD, "store_type": "PKCS12",
                 "truststore": tls + "/trust.p12",
                 "truststore_password": certs.PASSWORD,
                 "require_client_auth":
                     self.cluster.options["require_client_auth"]}
        return json.dumps(words)

    def launch(self, ring_delay_ms, replaces=None):
        """Starts the process; it leads its own session and outlives us."""
        options = dict(self.cluster.options)
        if replaces:
            options["jvm"] = options["jvm"] + [
                "-Dcassandra.replace_address_first_boot=" + replaces,
                "-Dcassandra.broadcast_interval_ms=2000"]
        if self.port_taken():
            raise NodeError("something else listens on %s port %d; choose"
                            " another --base-address or --port"
                            % (self.address, options["port"]))
        self.write_config()
        port = free_port()
        with open(self.jmx_file, "w", encoding="ascii") as file:
            file.write(str(port))
        command = server.daemon_command(options["version"], self.dir, port,
                                        options, ring_delay_ms)
        with open(self.output, "wb") as output:
            process = subprocess.Popen(
                command, cwd=self.dir, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True)
        with open(self.pid_file, "w", encoding="ascii") as file:
            file.write(str(process.pid))
        return process

    def start(self, replaces=None):
        """A node that joins a cluster may give up when the machine is busy
        and it meets no peer in time: it gets longer the next time, and
        begins anew when it has never been up."""
        for ring_delay_ms in RING_DELAYS_MS:
            process = self.launch(ring_delay_ms, replaces)
            try:
                self.wait_until_up(process, 0 if self.number == 1 else 1)
                break
            except NodeError:
                if self.number == 1 or ring_delay_ms == RING_DELAYS_MS[-1]:
                    raise
                stop([self])
                if not os.path.exists(self.joined_file):
                    shutil.rmtree(self.dir)
        with open(self.joined_file, "w", encoding="ascii"):
            pass

    def port_taken(self):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.address, self.cluster.options["port"]))
            except OSError:
                return True
        return False

    def wait_until_up(self, process, peers):
        """Until the node answers and the first one knows all so far."""
        deadline = time.monotonic() + START_SECONDS
        error = None
        while time.monotonic() < deadline:
            if process.poll() is not None:
                self.fail("ended with status %d" % process.returncode)
            try:
                with self.connect() as connection:
                    connection.query("SELECT key FROM system.local")
                self.cluster.wait_for_peers(peers)
                return
            except (OSError, cqlwire.CqlError, NotYet) as caught:
                error = caught
                time.sleep(0.1)
        self.fail("did not answer within %d s (%s)" % (START_SECONDS, error))

    def fail(self, what):
        tails = []
        for name in (self.output, self.log):
            try:
                with open(name, encoding="utf-8", errors="replace") as file:
                    tails += file.readlines()[-LOG_TAIL_LINES:]
            except OSError:
                continue
        raise NodeError("node %d (%s) %s; the end of its log:\n%s" % (
            self.number, self.address, what, "".join(tails)))

    def nodetool(self, words):
        if not self.pid():
            raise NodeError("node %d is not running" % self.number)
        with open(self.jmx_file, encoding="ascii") as file:
            port = int(file.read())
        return subprocess.call(server.nodetool_command(
            self.cluster.options["version"], self.dir, port, words))


def stop(nodes):
    """Ends processes: politely first, and all at the same time."""
    for name, seconds in (("TERM", STOP_SECONDS), ("KILL", STOP_SECONDS)):
        for one in nodes:
            if one.pid():
                one.signal("CONT")
                one.signal(name)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not any(one.pid() for one in nodes):
                break
            time.sleep(0.05)
    for one in nodes:
        if one.pid():
            raise NodeError("node %d does not end" % one.number)
        if os.path.exists(one.pid_file):
            os.unlink(one.pid_file)


class Cluster:
    """What was asked for at the first start, kept in DIR/cluster.json."""

    def __init__(self, directory):
        self.dir = os.path.abspath(directory)
        self.file = os.path.join(self.dir, "cluster.json")
        self.tls_dir = os.path.join(self.dir, "tls")
        self.options = None
        if os.path.exists(self.file):
            with open(self.file, encoding="utf-8") as file:
                self.options = json.load(file)

    def configure(self, arguments):
        """Keeps the options of the first start; of later ones it takes the
        settings and ignores all else."""
        if self.options is not None:
            self.options["settings"].update(arguments.settings)
            return
        names = ("nodes version base_address port cluster_name heap max_heap"
                 " dc rack tokens auth tls require_client_auth cert_san"
                 " cert_days commitlog_batch settings jvm").split()
        self.options = {name: getattr(arguments, name) for name in names}
        self.options["settings"] = dict(arguments.settings)
        server.fetch(self.options["version"])
        os.makedirs(self.dir, exist_ok=True)
        if self.options["tls"]:
            self.make_certificates()
        self.save()

    def save(self):
        with open(self.file, "w", encoding="utf-8") as file:
            json.dump(self.options, file, indent=1)

    def replace(self, number, address):
        """A new node takes the place of one that is down, at an address of
        its own; it gets its data from the others.  Not of the first one,
        which the others begin with."""
        old = self.nodes()[number - 1]
        if old.pid() or number == 1:
            raise NodeError("node %d cannot be replaced" % number)
        shutil.rmtree(old.dir)
        self.options.setdefault("addresses", {})[str(number)] = address
        self.save()
        self.nodes()[number - 1].start(old.address)

    def make_certificates(self):
        try:
            certs.make_authorities(self.tls_dir)
            for one in self.nodes():
                certs.make_node(self.tls_dir, "node%d" % one.number,
                                one.address, self.options["cert_san"],
                                self.options["cert_days"])
        except subprocess.CalledProcessError as error:
            shutil.rmtree(self.tls_dir)
            raise NodeError("could not make certificates: %s: %s" % (
                " ".join(error.cmd), error.stderr.decode())) from None

    def nodes(self):
        if self.options is None:
            raise NodeError("there is no cluster in %s" % self.dir)
        return [Node(self, number + 1)
                for number in range(self.options["nodes"])]

    def start(self, nodes):
        """One after the other: two cannot join at the same time."""
        began = time.monotonic()
        for one in nodes:
            if one.pid():
                continue
            one.start()
            print("Cassandra %s node %d answers on %s port %d (%.1f s)" % (
                self.options["version"], one.number, one.address,
                self.options["port"], time.monotonic() - began), flush=True)
        sys.stdout.flush()

    def wait_for_peers(self, at_least):
        """Every node that is up has to see all others that are up."""
        if not at_least:
            return
        live = [one for one in self.nodes() if one.pid()]
        for one in live:
            if one.state() != "up":
                continue
            with one.connect() as connection:
                seen = connection.query(
                    "SELECT native_address FROM system.peers_v2").rows
            addresses = {str(row[0]) for row in seen}
            missing = {other.address for other in live
                       if other is not one} - addresses
            if missing:
                raise NotYet("%s does not know %s yet"
                             % (one.address, ", ".join(missing)))

    def destroy(self):
        if self.options is not None:
            stop(self.nodes())
        shutil.rmtree(self.dir, ignore_errors=True)

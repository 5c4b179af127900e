"""Fetches Cassandra from Maven, and knows how its JVM is to be started."""

import fcntl
import glob
import os
import shutil
import subprocess
import tempfile

DEFAULT_VERSION = "5.0.8"

POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>nodes</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.apache.cassandra</groupId>
    <artifactId>cassandra-all</artifactId><version>%s</version>
  </dependency></dependencies>
</project>
"""

EXPORTS = """java.base/jdk.internal.misc java.base/jdk.internal.ref
java.base/sun.nio.ch java.management.rmi/com.sun.jmx.remote.internal.rmi
java.rmi/sun.rmi.registry java.rmi/sun.rmi.server java.sql/java.sql
jdk.compiler/com.sun.tools.javac.file jdk.attach/sun.tools.attach""".split()

OPENS = ["java.base/" + package for package in """java.lang java.lang.module
java.lang.reflect java.io java.nio java.nio.charset java.net java.math
java.util
java.util.concurrent java.util.concurrent.atomic sun.nio.ch
jdk.internal.loader jdk.internal.ref jdk.internal.reflect jdk.internal.math
jdk.internal.module jdk.internal.util.jar""".split()] + [
    "jdk.management/com.sun.management.internal"]


class ServerError(Exception):
    """Cassandra could not be fetched or run."""


def cache_directory():
    """CASSANDRA_FDW_CACHE; else one all users can read if we are root."""
    chosen = os.environ.get("CASSANDRA_FDW_CACHE")
    if chosen:
        return chosen
    if os.geteuid() == 0:
        return "/var/cache/cassandra_fdw"
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "cassandra_fdw")


def fetch(version):
    """The directory with the jars of a version; downloads it once."""
    cache = cache_directory()
    target = os.path.join(cache, "cassandra-" + version)
    if os.path.isdir(target):
        return target
    os.makedirs(cache, mode=0o755, exist_ok=True)
    with open(os.path.join(cache, ".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(target):
            download(version, cache, target)
    return target


def download(version, cache, target):
    if not shutil.which("mvn"):
        raise ServerError("Maven (mvn) is not installed;"
                          " test/env/install installs what is needed")
    with tempfile.TemporaryDirectory(dir=cache) as work:
        with open(os.path.join(work, "pom.xml"), "w",
                  encoding="ascii") as pom:
            pom.write(POM % version)
        print("fetching Cassandra %s with Maven into %s" % (version, target),
              flush=True)
        done = subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy-dependencies",
             "-DincludeScope=runtime", "-DoutputDirectory=jars"],
            cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise ServerError("Maven could not fetch Cassandra %s:\n%s" % (
                version, done.stdout.decode(errors="replace")[-3000:]))
        jars = os.path.join(work, "jars")
        os.chmod(jars, 0o755)
        os.rename(jars, target)


def java():
    """The newest Java the server is made for, else one it is known to run
    with, else the default one."""
    home = os.environ.get("CASSANDRA_FDW_JAVA_HOME")
    if home:
        return os.path.join(home, "bin", "java")
    for pattern in ("/usr/lib/jvm/java-17-*/bin/java",
                    "/usr/lib/jvm/java-11-*/bin/java",
                    "/usr/lib/jvm/java-21-*/bin/java"):
        found = sorted(glob.glob(pattern))
        if found:
            return found[0]
    found = shutil.which("java")
    if not found:
        raise ServerError("no Java is installed;"
                          " test/env/install installs what is needed")
    return found


def java_version(path):
    told = subprocess.run([path, "-version"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=True).stdout
    number = told.decode().split('"')[1].split(".")[0].split("-")[0]
    return int(number)


def module_flags():
    flags = ["-Djdk.attach.allowAttachSelf=true"]
    for package in EXPORTS:
        flags += ["--add-exports", package + "=ALL-UNNAMED"]
    for package in OPENS:
        flags += ["--add-opens", package + "=ALL-UNNAMED"]
    return flags


def classpath(version, conf):
    return os.pathsep.join([conf, os.path.join(fetch(version), "*")])


def daemon_command(version, node_dir, jmx_port, options, ring_delay_ms):
    """The command of one node; its directory has conf/, data/ and tmp/."""
    jars = fetch(version)
    conf = os.path.join(node_dir, "conf")
    runtime = java()
    agent = sorted(glob.glob(os.path.join(jars, "jamm-*.jar")))
    if not agent:
        raise ServerError("there is no jamm jar in %s" % jars)
    command = [runtime, "-javaagent:" + agent[0],
               "-Xms" + options["heap"], "-Xmx" + options["max_heap"],
               "-XX:+UseSerialGC", "-Xss512k", "-XX:-UsePerfData"]
    if java_version(runtime) >= 11:
        command += module_flags()
    if java_version(runtime) >= 18:
        command.append("-Djava.security.manager=allow")
    system = {
        "cassandra-foreground": "yes",
        "cassandra.config": "file://%s/cassandra.yaml" % conf,
        "cassandra.storagedir": os.path.join(node_dir, "data"),
        "cassandra.logdir": node_dir,
        "logback.configurationFile": os.path.join(conf, "logback.xml"),
        "cassandra.jmx.local.port": jmx_port,
        "cassandra.ring_delay_ms": ring_delay_ms,
        "cassandra.skip_wait_for_gossip_to_settle": 0,
        "cassandra.superuser_setup_delay_ms": 1000,
        "java.io.tmpdir": os.path.join(node_dir, "tmp"),
        "jna.tmpdir": os.path.join(node_dir, "tmp"),
    }
    command += ["-D%s=%s" % item for item in system.items()]
    command += options["jvm"]
    return command + ["-cp", classpath(version, conf),
                      "org.apache.cassandra.service.CassandraDaemon"]


def nodetool_command(version, node_dir, jmx_port, words):
    return [java(), "-Xmx128M", "-XX:-UsePerfData",
            "-Dcassandra.config=file://%s/conf/cassandra.yaml" % node_dir,
            "-Dcassandra.storagedir=%s/data" % node_dir,
            *module_flags(),
            "-cp", classpath(version, os.path.join(node_dir, "conf")),
            "org.apache.cassandra.tools.NodeTool", "-p", str(jmx_port),
            *words]

#!/usr/bin/env python3
"""Fills the keyspace of the demo: load.py HOST PORT.

100 devices with 2,000 readings and some events each, and 2,000 users; the
same values in every run.  Python's standard library only.
"""

import datetime
import decimal
import os
import random
import sys
import time
import uuid

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cassandra"))
import cqlwire  # noqa: E402

DEVICES = 100
DAYS = [datetime.date(2025, 3, day) for day in (1, 2, 3, 4)]
READINGS_A_DAY = 500
BATCH_ROWS = 100
EVENTS = 40
USERS = 2000
WINDOW = 32

START = datetime.datetime(2025, 3, 1, tzinfo=datetime.timezone.utc)
UUID_EPOCH = datetime.datetime(1582, 10, 15, tzinfo=datetime.timezone.utc)
CITIES = [("Uppsala", "SE", 59.86, 17.64), ("Lyon", "FR", 45.76, 4.84),
          ("Porto", "PT", 41.15, -8.61), ("Graz", "AT", 47.07, 15.44),
          ("Utrecht", "NL", 52.09, 5.12)]
MODELS = ["pump", "valve", "meter", "boiler"]
FIRST = ["Ada", "Bo", "Chen", "Dora", "Emil", "Fay", "Gus", "Hana"]
LAST = ["Almeida", "Berg", "Costa", "Dubois", "Eriksson", "Fischer"]


def time_uuid(moment, rng):
    ticks = int((moment - UUID_EPOCH).total_seconds() * 10_000_000)
    return uuid.UUID(fields=(ticks & 0xffffffff, ticks >> 32 & 0xffff,
                             ticks >> 48 & 0x0fff | 0x1000,
                             0x80 | rng.randrange(64), rng.randrange(256),
                             rng.randrange(1 << 48)))


def device_name(number):
    return "%s-%03d" % (MODELS[number % len(MODELS)], number)


def device_rows(rng):
    for number in range(DEVICES):
        city, country, latitude, longitude = CITIES[number // 3 % len(CITIES)]
        yield [device_name(number), MODELS[number % len(MODELS)] + " mk2",
               {"city": city, "country": country,
                "latitude": latitude, "longitude": longitude},
               "10.1.%d.%d" % (number // 50, number % 50 + 1)
               if number % 3 else "fd00::%x" % (number + 1),
               rng.sample(["indoor", "outdoor", "leased", "critical"], 2),
               {"interval": "%ds" % rng.choice([30, 60, 120]),
                "unit": "celsius"},
               [round(rng.gauss(0, 0.1), 4) for _ in range(3)],
               decimal.Decimal(rng.randrange(9_900, 250_000)).scaleb(-2),
               datetime.date(2023, 1, 1)
               + datetime.timedelta(days=rng.randrange(700)),
               uuid.UUID(int=rng.getrandbits(128), version=4)]


def reading_partitions(rng):
    """The rows of one device and day at a time, oldest first."""
    step = datetime.timedelta(days=1) / READINGS_A_DAY
    for number in range(DEVICES):
        level = 18 + number % 9
        for day in DAYS:
            at = START + (day - DAYS[0])
            rows = []
            for _ in range(READINGS_A_DAY):
                level += rng.random() - 0.5
                rows.append([device_name(number), day, at, round(level, 3),
                             round(40 + 20 * rng.random(), 1),
                             rng.randrange(20, 100),
                             "ok" if rng.random() < 0.98 else "alarm"])
                at += step
            yield rows


def event_partitions(rng):
    for number in range(DEVICES):
        yield [[device_name(number),
                time_uuid(START + datetime.timedelta(minutes=97 * event),
                          rng),
                rng.choice(["restart", "alarm", "update"]),
                {"by": rng.choice(["operator", "watchdog"]),
                 "code": str(rng.randrange(900))}]
               for event in range(EVENTS)]


def user_rows(rng):
    for number in range(USERS):
        first, last = rng.choice(FIRST), rng.choice(LAST)
        signed_up = START - datetime.timedelta(hours=number)
        yield ["%s.%s.%d@example.org" % (first.lower(), last.lower(), number),
               "%s %s" % (first, last),
               rng.sample(["reader", "operator", "admin", "billing"], 2),
               {"theme": rng.choice(["dark", "light"]), "language": "en"},
               [START + datetime.timedelta(hours=rng.randrange(96))
                for _ in range(3)],
               {"street": "Main Street %d" % number,
                "city": CITIES[number % len(CITIES)][0],
                "phones": ["+1 555 %04d" % number]},
               "192.0.2.%d" % (number % 250 + 1),
               time_uuid(signed_up, rng),
               decimal.Decimal(rng.randrange(0, 100_000)).scaleb(-2)]


def insert_into(connection, table, columns):
    return connection.prepare("INSERT INTO fleet.%s (%s) VALUES (%s)" % (
        table, ", ".join(columns), ", ".join("?" * len(columns))))


def batches(prepared, partitions):
    """Unlogged batches, each with rows of one partition."""
    for rows in partitions:
        cells = [cqlwire.row_values(prepared, row) for row in rows]
        for first in range(0, len(cells), BATCH_ROWS):
            yield cqlwire.batch_body(prepared,
                                     cells[first:first + BATCH_ROWS])


def fill(connection, table, columns, partitions, total):
    began = time.monotonic()
    prepared = insert_into(connection, table, columns.split())
    shown = [0.0]

    def progress(done):
        now = time.monotonic()
        if sys.stdout.isatty() and now - shown[0] > 0.1:
            shown[0] = now
            print("\r  %-9s %d requests done" % (table, done), end="",
                  flush=True)

    connection.pipeline(batches(prepared, partitions), window=WINDOW,
                        progress=progress)
    print("%s  %-9s %7d rows in %.1f s" % (
        "\r" if sys.stdout.isatty() else "", table, total,
        time.monotonic() - began), flush=True)


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    rng = random.Random(1)
    with cqlwire.Connection(host, port) as connection:
        with open(os.path.join(HERE, "schema.cql"),
                  encoding="utf-8") as file:
            for statement in cqlwire.split_statements(file.read()):
                connection.query(statement)
        fill(connection, "devices", "device_id model site address tags"
             " settings calibration price installed serial",
             ([row] for row in device_rows(rng)), DEVICES)
        fill(connection, "users", "email full_name roles preferences"
             " last_logins contact last_address signed_up credit",
             ([row] for row in user_rows(rng)), USERS)
        fill(connection, "events", "device_id id kind detail",
             event_partitions(rng), DEVICES * EVENTS)
        fill(connection, "readings", "device_id day at temperature humidity"
             " battery status", reading_partitions(rng),
             DEVICES * len(DAYS) * READINGS_A_DAY)


if __name__ == "__main__":
    main()

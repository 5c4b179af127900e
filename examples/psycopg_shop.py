"""psycopg 3: rows in and out, upserts, timeuuids as uuid.UUID, a page of a
partition.  The server is the one that PGHOST, PGDATABASE and so on name."""

import datetime
import decimal
import uuid

import psycopg
from psycopg.types import TypeInfo
from psycopg.types.uuid import UUIDLoader


def register_timeuuid(connection):
    """timeuuid is the extension's type: by default it arrives as text."""
    info = TypeInfo.fetch(connection, "timeuuid")
    connection.adapters.register_loader(info.oid, UUIDLoader)


def main():
    customer = uuid.uuid4()
    # autocommit: Cassandra has no transactions to roll back
    with psycopg.connect(autocommit=True) as connection:
        register_timeuuid(connection)
        upsert = ("INSERT INTO shop.customers (id, name, credit, tags)"
                  " VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO UPDATE"
                  " SET name = EXCLUDED.name, credit = EXCLUDED.credit,"
                  " tags = EXCLUDED.tags")
        connection.execute(upsert, (customer, "Ann",
                                    decimal.Decimal("10.50"), ["new"]))
        connection.execute(upsert, (customer, "Ann Lee",
                                    decimal.Decimal("12.75"), ["new", "vip"]))
        row = connection.execute(
            "SELECT name, credit, tags FROM shop.customers WHERE id = %s",
            (customer,)).fetchone()
        assert row == ("Ann Lee", decimal.Decimal("12.75"), ["new", "vip"])

        again = connection.execute(
            "INSERT INTO shop.customers (id, name) VALUES (%s, %s)"
            " ON CONFLICT (id) DO NOTHING", (customer, "somebody else"))
        assert again.rowcount == 0

        start = datetime.datetime(2025, 3, 1, tzinfo=datetime.timezone.utc)
        with connection.cursor() as cursor:
            with cursor.copy("COPY shop.orders (customer, placed, number,"
                             " total, paid) FROM STDIN") as copy:
                for number in range(100):
                    copy.write_row((customer,
                                    start + datetime.timedelta(hours=number),
                                    number, decimal.Decimal(number), False))

        # pages of a partition: from the last key on
        pages, last = [], (start + datetime.timedelta(days=365), 0)
        while True:
            page = connection.execute(
                "SELECT placed, number FROM shop.orders WHERE customer = %s"
                " AND placed < %s ORDER BY placed DESC LIMIT 40",
                (customer, last[0])).fetchall()
            if not page:
                break
            pages.append(len(page))
            last = page[-1]
        assert pages == [40, 40, 20], pages

        event = connection.execute(
            "INSERT INTO shop.events (source, id, body)"
            " VALUES (%s, generate_timeuuid(), 'opened') RETURNING id",
            (str(customer),)).fetchone()[0]
        assert event.version == 1
        found = connection.execute(
            "SELECT body FROM shop.events WHERE source = %s AND id = %s",
            (str(customer), event)).fetchone()
        assert found == ("opened",)

        deleted = connection.execute(
            "DELETE FROM shop.orders WHERE customer = %s AND placed >= %s"
            " RETURNING number",
            (customer, start + datetime.timedelta(hours=98))).fetchall()
        assert sorted(deleted) == [(98,), (99,)]
    print("psycopg: ok")


if __name__ == "__main__":
    main()

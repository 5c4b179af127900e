"""SQLAlchemy 2: tables generated from cassandra_columns(), ORM classes on
them, upserts of its PostgreSQL dialect."""

import datetime
import decimal
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Session, declarative_base


class TimeUUID(sa.types.UserDefinedType):
    """The extension's type for CQL's timeuuid."""
    cache_ok = True

    def get_col_spec(self, **_):
        return "timeuuid"

    def bind_processor(self, dialect):
        return lambda value: None if value is None else str(value)

    def result_processor(self, dialect, coltype):
        return lambda value: value if value is None else uuid.UUID(str(value))


pg.base.ischema_names["timeuuid"] = TimeUUID


def cassandra_table(engine, metadata, name, schema):
    """A Table that knows its primary key, which foreign tables do not tell
    SQLAlchemy: cassandra_columns() does."""
    with engine.connect() as connection:
        keys = connection.execute(sa.text(
            "SELECT column_name FROM cassandra_columns(CAST(:t AS regclass))"
            " WHERE key_position IS NOT NULL"
            " ORDER BY kind DESC, key_position"),
            {"t": "%s.%s" % (schema, name)}).scalars().all()
    table = sa.Table(name, metadata, schema=schema, autoload_with=engine)
    table.append_constraint(sa.PrimaryKeyConstraint(
        *[table.c[key] for key in keys]))
    return table


def main():
    # autocommit: Cassandra has no transactions to roll back
    engine = sa.create_engine("postgresql+psycopg://",
                              isolation_level="AUTOCOMMIT")
    metadata = sa.MetaData()
    Base = declarative_base(metadata=metadata)

    class Customer(Base):
        __table__ = cassandra_table(engine, metadata, "customers", "shop")

    class Order(Base):
        __table__ = cassandra_table(engine, metadata, "orders", "shop")

    assert [c.name for c in Order.__table__.primary_key] == [
        "customer", "placed", "number"]

    key = uuid.uuid4()
    placed = datetime.datetime(2025, 3, 1, 12, tzinfo=datetime.timezone.utc)
    with Session(engine) as session:
        session.add(Customer(id=key, name="Bo", email="bo@example.org"))
        session.add_all(Order(customer=key, placed=placed, number=n,
                              total=decimal.Decimal(n), paid=False)
                        for n in range(3))
        session.commit()

    with Session(engine) as session:
        bo = session.get(Customer, key)
        assert bo.name == "Bo"
        bo.name = "Bo Chen"
        order = session.get(Order, (key, placed, 1))
        order.paid = True
        session.commit()
        session.delete(session.get(Order, (key, placed, 2)))
        session.commit()
        rows = session.execute(
            sa.select(Order.number, Order.paid).where(Order.customer == key)
            .order_by(Order.placed.desc(), Order.number)).all()
        assert rows == [(0, False), (1, True)], rows

    statement = pg.insert(Customer.__table__).values(
        id=key, name="Bo C.", email="bo@example.com")
    statement = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={"name": statement.excluded.name,
              "email": statement.excluded.email})
    with Session(engine) as session:
        session.execute(statement)
        session.commit()
        assert session.get(Customer, key).email == "bo@example.com"
    print("SQLAlchemy: ok")


if __name__ == "__main__":
    main()

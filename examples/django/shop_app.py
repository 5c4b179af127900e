"""Django 5.2: unmanaged models on foreign tables, CompositePrimaryKey,
bulk_create with update_conflicts."""

import datetime
import decimal
import os
import uuid

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["PGDATABASE"],
        "HOST": os.environ["PGHOST"],
        "PORT": os.environ.get("PGPORT", ""),
        "USER": os.environ["PGUSER"],
    }},
    USE_TZ=True,
)
django.setup()

from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.db import models  # noqa: E402


class Customer(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.TextField(null=True)
    email = models.TextField(null=True)
    credit = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    tags = ArrayField(models.TextField(), null=True)

    class Meta:
        app_label = "shop"
        managed = False
        db_table = '"shop"."customers"'


class Order(models.Model):
    pk = models.CompositePrimaryKey("customer", "placed", "number")
    customer = models.UUIDField()
    placed = models.DateTimeField()
    number = models.IntegerField()
    total = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    paid = models.BooleanField(null=True)

    class Meta:
        app_label = "shop"
        managed = False
        db_table = '"shop"."orders"'


def main():
    key = uuid.uuid4()
    placed = datetime.datetime(2025, 3, 1, tzinfo=datetime.timezone.utc)
    Customer.objects.create(id=key, name="Cy", tags=["new"])
    Order.objects.bulk_create(
        [Order(customer=key, placed=placed, number=n,
               total=decimal.Decimal(n), paid=False) for n in range(5)])

    Customer.objects.bulk_create(
        [Customer(id=key, name="Cy Young", email="cy@example.org",
                  credit=decimal.Decimal("1.50"), tags=["vip"])],
        update_conflicts=True, unique_fields=["id"],
        update_fields=["name", "email", "credit", "tags"])
    customer = Customer.objects.get(id=key)
    assert (customer.name, customer.tags) == ("Cy Young", ["vip"])

    order = Order.objects.get(pk=(key, placed, 3))
    order.paid = True
    order.save()
    assert list(Order.objects.filter(customer=key).order_by("-placed", "number")
                .values_list("number", "paid")) == [
        (0, False), (1, False), (2, False), (3, True), (4, False)]
    assert Order.objects.filter(customer=key, placed=placed, number=4
                                ).delete()[0] == 1
    assert Order.objects.filter(customer=key).count() == 4
    print("Django: ok")


if __name__ == "__main__":
    main()

//! tokio-postgres: a type for timeuuid, upserts, many requests at a time.

use postgres_types::{private::BytesMut, FromSql, IsNull, ToSql, Type};
use std::error::Error;
use tokio_postgres::NoTls;
use uuid::Uuid;

/// The extension's type; its binary form is uuid's.
#[derive(Debug, Clone, Copy)]
struct TimeUuid(Uuid);

impl<'a> FromSql<'a> for TimeUuid {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(TimeUuid(Uuid::from_slice(raw)?))
    }
    fn accepts(ty: &Type) -> bool {
        ty.name() == "timeuuid"
    }
}

impl ToSql for TimeUuid {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
    fn accepts(ty: &Type) -> bool {
        ty.name() == "timeuuid"
    }
    postgres_types::to_sql_checked!();
}

fn environment() -> String {
    let get = |name: &str| std::env::var(name).unwrap_or_default();
    format!(
        "host={} port={} user={} dbname={}",
        get("PGHOST"),
        get("PGPORT"),
        get("PGUSER"),
        get("PGDATABASE")
    )
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (client, connection) = tokio_postgres::connect(&environment(), NoTls).await?;
    tokio::spawn(async move { connection.await.expect("connection") });

    let customer = Uuid::new_v4();
    let upsert = client
        .prepare(
            "INSERT INTO shop.customers (id, name) VALUES ($1, $2)
             ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name",
        )
        .await?;
    client.execute(&upsert, &[&customer, &"Flo"]).await?;
    client.execute(&upsert, &[&customer, &"Flo Gray"]).await?;
    let row = client
        .query_one("SELECT name FROM shop.customers WHERE id = $1", &[&customer])
        .await?;
    assert_eq!(row.get::<_, &str>(0), "Flo Gray");

    let source = customer.to_string();
    for body in ["opened", "closed"] {
        client
            .execute(
                "INSERT INTO shop.events (source, id, body) VALUES ($1, generate_timeuuid(), $2)",
                &[&source, &body],
            )
            .await?;
    }
    let rows = client
        .query("SELECT id, body FROM shop.events WHERE source = $1 ORDER BY id", &[&source])
        .await?;
    assert_eq!(rows.len(), 2);
    let first: TimeUuid = rows[0].get(0);
    let later = client
        .query_one(
            "SELECT body FROM shop.events WHERE source = $1 AND id > $2",
            &[&source, &first],
        )
        .await?;
    assert_eq!(later.get::<_, &str>(0), "closed");
    println!("tokio-postgres: ok");
    Ok(())
}

//! The driver to compare with:
//! driver HOST PORT PARTITIONS RUN [COUNT [KEYSPACE]]
//!
//! RUN is scan, keys, insert-events or insert-samples, in any keyspace, or
//! lookup, update, count or latest, in the keyspace "bench".
//!
//! Prints "seconds rows sum" of one run, with the connection already made
//! and the statement prepared.

use futures::{StreamExt, TryStreamExt};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::statement::prepared::PreparedStatement;
use scylla::statement::Consistency;
use scylla::value::CqlTimestamp;
use std::error::Error;
use std::time::{Duration, Instant};
use uuid::Uuid;

const PAGE_SIZE: i32 = 5000;
const ROWS_A_PARTITION: i32 = 200;
const IN_FLIGHT: usize = 64;
const WRITES_IN_FLIGHT: usize = 512;

type Answer = Result<(u64, f64), Box<dyn Error>>;
type Row = (i32, i32, i64, f64, String, CqlTimestamp, Uuid);

/// The whole table as one paged stream, every column decoded.
async fn scan(session: &Session, keyspace: &str) -> Answer {
    let mut all = session
        .prepare(format!("SELECT p, c, n, x, t, at, u FROM {keyspace}.readings"))
        .await?;
    all.set_page_size(PAGE_SIZE);
    let mut rows = session.execute_iter(all, ()).await?.rows_stream::<Row>()?;
    let (mut count, mut sum) = (0, 0.0);
    while let Some(row) = rows.try_next().await? {
        count += 1;
        sum += row.3 + row.2 as f64;
    }
    Ok((count, sum))
}

/// Single rows by their key, one after the other.
async fn lookup(session: &Session, count: i32, partitions: i32) -> Answer {
    let one = session
        .prepare("SELECT n FROM bench.readings WHERE p = ? AND c = ?")
        .await?;
    let mut sum = 0.0;
    for i in 0..count {
        let key = (i * 7919 % partitions, i % ROWS_A_PARTITION);
        let answer = session.execute_unpaged(&one, key).await?;
        sum += answer.into_rows_result()?.single_row::<(i64,)>()?.0 as f64;
    }
    Ok((count as u64, sum))
}

/// Rows of many keys, 64 requests in flight.
async fn keys(session: &Session, count: i32, keyspace: &str) -> Answer {
    let one = session
        .prepare(format!("SELECT id, name FROM {keyspace}.users WHERE id = ?"))
        .await?;
    let mut answers = futures::stream::iter(0..count)
        .map(|id| session.execute_unpaged(&one, (id * 7,)))
        .buffer_unordered(IN_FLIGHT);
    let (mut rows, mut sum) = (0, 0.0);
    while let Some(answer) = answers.next().await {
        let row = answer?.into_rows_result()?.single_row::<(i32, String)>()?;
        rows += 1;
        sum += row.0 as f64;
    }
    Ok((rows, sum))
}

/// Rows of many keys, each read and then written, 64 at a time.
async fn update(session: &Session, count: i32) -> Answer {
    let read = session
        .prepare("SELECT score FROM bench.users WHERE id = ?")
        .await?;
    let write = session
        .prepare("UPDATE bench.users SET score = ? WHERE id = ?")
        .await?;
    let mut answers = futures::stream::iter(0..count)
        .map(|i| {
            let (read, write, id) = (&read, &write, i * 7);
            async move {
                let answer = session.execute_unpaged(read, (id,)).await?;
                let (score,) = answer.into_rows_result()?.single_row::<(f64,)>()?;
                session.execute_unpaged(write, (score + 1.0, id)).await?;
                Ok::<f64, Box<dyn Error>>(score)
            }
        })
        .buffer_unordered(IN_FLIGHT);
    let mut rows = 0;
    while answers.try_next().await?.is_some() {
        rows += 1;
    }
    Ok((rows, 0.0))
}

/// All rows, by one statement.
async fn count_rows(session: &Session) -> Answer {
    let mut all = session
        .prepare("SELECT count(*) FROM bench.readings")
        .await?;
    all.set_request_timeout(Some(Duration::from_secs(120)));
    let answer = session.execute_unpaged(&all, ()).await?;
    let (count,) = answer.into_rows_result()?.single_row::<(i64,)>()?;
    Ok((1, count as f64))
}

/// The last ten rows of a large partition, again and again.
async fn latest(session: &Session, count: i32) -> Answer {
    let last = session
        .prepare("SELECT ts, v FROM bench.series WHERE p = ? ORDER BY ts DESC LIMIT 10")
        .await?;
    let mut sum = 0.0;
    for _ in 0..count {
        let answer = session.execute_unpaged(&last, (1,)).await?;
        for row in answer.into_rows_result()?.rows::<(CqlTimestamp, f64)>()? {
            sum += row?.1;
        }
    }
    Ok((count as u64 * 10, sum))
}

/// Unrelated rows, a request each.
async fn insert_events(session: &Session, count: i32, keyspace: &str) -> Answer {
    let one = prepare_insert(
        session,
        format!("INSERT INTO {keyspace}.events (id, n, v) VALUES (?, ?, ?)"),
    )
    .await?;
    let mut answers = futures::stream::iter(0..count)
        .map(|i| {
            let row = (i, i as i64 * 8, format!("event {}", i % 1000));
            session.execute_unpaged(&one, row)
        })
        .buffer_unordered(WRITES_IN_FLIGHT);
    while answers.try_next().await?.is_some() {}
    Ok((count as u64, 0.0))
}

/// 200 rows of each partition, a request each.
async fn insert_samples(session: &Session, count: i32, keyspace: &str) -> Answer {
    let one = prepare_insert(
        session,
        format!("INSERT INTO {keyspace}.samples (p, c, v) VALUES (?, ?, ?)"),
    )
    .await?;
    let mut answers = futures::stream::iter(0..count)
        .map(|i| session.execute_unpaged(&one, (i / 200, i % 200, i as f64 / 4.0)))
        .buffer_unordered(WRITES_IN_FLIGHT);
    while answers.try_next().await?.is_some() {}
    Ok((count as u64, 0.0))
}

async fn prepare_insert(
    session: &Session,
    text: String,
) -> Result<PreparedStatement, Box<dyn Error>> {
    let mut one = session.prepare(text).await?;
    one.set_consistency(Consistency::LocalQuorum);
    Ok(one)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let session = SessionBuilder::new()
        .known_node(format!("{}:{}", args[1], args[2]))
        .build()
        .await?;
    let partitions: i32 = args[3].parse()?;
    let count = args.get(5).map_or(Ok(2000), |text| text.parse())?;
    let keyspace = args.get(6).map_or("bench", |name| name.as_str());
    if keyspace == "bench" {
        lookup(&session, 50, partitions).await?;
    }
    let began = Instant::now();
    let (rows, sum) = match args[4].as_str() {
        "scan" => scan(&session, keyspace).await?,
        "lookup" => lookup(&session, count, partitions).await?,
        "keys" => keys(&session, count, keyspace).await?,
        "update" => update(&session, count).await?,
        "count" => count_rows(&session).await?,
        "latest" => latest(&session, count).await?,
        "insert-events" => insert_events(&session, count, keyspace).await?,
        "insert-samples" => insert_samples(&session, count, keyspace).await?,
        other => return Err(format!("no such run: {other}").into()),
    };
    println!("{:.4} {rows} {sum}", began.elapsed().as_secs_f64());
    Ok(())
}

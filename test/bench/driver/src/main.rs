//! The driver to compare with:
//! driver HOST PORT PARTITIONS scan|lookup|keys|count|latest [COUNT]
//!
//! Prints "seconds rows sum" of one run, with the connection already made
//! and the statement prepared.

use futures::{StreamExt, TryStreamExt};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::value::CqlTimestamp;
use std::error::Error;
use std::time::{Duration, Instant};
use uuid::Uuid;

const PAGE_SIZE: i32 = 5000;
const ROWS_A_PARTITION: i32 = 200;
const IN_FLIGHT: usize = 64;

type Answer = Result<(u64, f64), Box<dyn Error>>;
type Row = (i32, i32, i64, f64, String, CqlTimestamp, Uuid);

/// The whole table as one paged stream, every column decoded.
async fn scan(session: &Session) -> Answer {
    let mut all = session
        .prepare("SELECT p, c, n, x, t, at, u FROM bench.readings")
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
async fn keys(session: &Session, count: i32) -> Answer {
    let one = session
        .prepare("SELECT id, name FROM bench.users WHERE id = ?")
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

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let session = SessionBuilder::new()
        .known_node(format!("{}:{}", args[1], args[2]))
        .build()
        .await?;
    let partitions: i32 = args[3].parse()?;
    let count = args.get(5).map_or(Ok(2000), |text| text.parse())?;
    lookup(&session, 50, partitions).await?;
    let began = Instant::now();
    let (rows, sum) = match args[4].as_str() {
        "scan" => scan(&session).await?,
        "lookup" => lookup(&session, count, partitions).await?,
        "keys" => keys(&session, count).await?,
        "count" => count_rows(&session).await?,
        "latest" => latest(&session, count).await?,
        other => return Err(format!("no such run: {other}").into()),
    };
    println!("{:.4} {rows} {sum}", began.elapsed().as_secs_f64());
    Ok(())
}

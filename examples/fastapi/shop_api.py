"""FastAPI with asyncpg: a pool, timeuuids as uuid.UUID, a page of a
partition at a time."""

import asyncio
import contextlib
import os
import uuid

import asyncpg
import fastapi
import httpx


FIRST = uuid.UUID("00000000-0000-1000-8080-808080808080")  # of all timeuuids


async def prepare(connection):
    """asyncpg has to be told how timeuuid is written."""
    await connection.set_type_codec(
        "timeuuid", schema="public", encoder=str, decoder=uuid.UUID,
        format="text")


@contextlib.asynccontextmanager
async def lifespan(app):
    async with asyncpg.create_pool(
            host=os.environ["PGHOST"], port=os.environ.get("PGPORT"),
            user=os.environ["PGUSER"], database=os.environ["PGDATABASE"],
            init=prepare, min_size=1, max_size=4) as pool:
        app.state.pool = pool
        yield


app = fastapi.FastAPI(lifespan=lifespan)


@app.post("/events/{source}")
async def add(source: str, body: str):
    return {"id": await app.state.pool.fetchval(
        "INSERT INTO shop.events (source, id, body)"
        " VALUES ($1, generate_timeuuid(), $2) RETURNING id", source, body)}


@app.get("/events/{source}")
async def page(source: str, after: uuid.UUID | None = None, limit: int = 2):
    rows = await app.state.pool.fetch(
        "SELECT id, body FROM shop.events WHERE source = $1 AND id > $2"
        " ORDER BY id LIMIT $3", source, after or FIRST, limit)
    return [dict(row) for row in rows]


async def main():
    source = str(uuid.uuid4())
    transport = httpx.ASGITransport(app=app)
    async with lifespan(app), httpx.AsyncClient(
            transport=transport, base_url="http://shop") as client:
        for body in ("opened", "read", "closed"):
            answer = await client.post("/events/" + source,
                                       params={"body": body})
            assert answer.status_code == 200, answer.text
        first = (await client.get("/events/" + source)).json()
        assert [one["body"] for one in first] == ["opened", "read"]
        second = (await client.get("/events/" + source, params={
            "after": first[-1]["id"]})).json()
        assert [one["body"] for one in second] == ["closed"]
    print("FastAPI: ok")


if __name__ == "__main__":
    asyncio.run(main())

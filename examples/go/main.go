// pgx: a codec for timeuuid, upserts, a batch, CopyFrom.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

const upsert = `INSERT INTO shop.customers (id, name, email)
	VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE
	SET name = EXCLUDED.name, email = EXCLUDED.email`

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// registerTimeuuid: its binary form is uuid's.
func registerTimeuuid(ctx context.Context, conn *pgx.Conn) {
	var oid uint32
	must(conn.QueryRow(ctx, "SELECT 'timeuuid'::regtype::oid").Scan(&oid))
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timeuuid", OID: oid, Codec: pgtype.UUIDCodec{}})
}

func main() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, "") // PGHOST, PGDATABASE, ...
	must(err)
	defer conn.Close(ctx)
	registerTimeuuid(ctx, conn)

	var customer [16]byte
	must(conn.QueryRow(ctx, "SELECT gen_random_uuid()").Scan(&customer))
	batch := &pgx.Batch{}
	batch.Queue(upsert, customer, "Eve", "eve@example.org")
	batch.Queue(upsert, customer, "Eve Fox", "eve@example.com")
	must(conn.SendBatch(ctx, batch).Close())

	placed := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	rows := [][]any{}
	for number := int32(0); number < 50; number++ {
		rows = append(rows, []any{customer, placed, number, true})
	}
	copied, err := conn.CopyFrom(ctx, pgx.Identifier{"shop", "orders"},
		[]string{"customer", "placed", "number", "paid"},
		pgx.CopyFromRows(rows))
	must(err)

	var name string
	var count int
	must(conn.QueryRow(ctx, `SELECT c.name, count(o.number)
		FROM shop.customers AS c JOIN shop.orders AS o ON o.customer = c.id
		WHERE c.id = $1 GROUP BY c.name`, customer).Scan(&name, &count))
	if name != "Eve Fox" || count != 50 || copied != 50 {
		log.Fatalf("%s %d %d", name, count, copied)
	}

	var event [16]byte
	must(conn.QueryRow(ctx, `INSERT INTO shop.events (source, id, body)
		VALUES ($1, generate_timeuuid(), 'opened') RETURNING id`,
		fmt.Sprintf("%x", customer)).Scan(&event))
	var body string
	must(conn.QueryRow(ctx, `SELECT body FROM shop.events
		WHERE source = $1 AND id = $2`,
		fmt.Sprintf("%x", customer), event).Scan(&body))
	if body != "opened" {
		log.Fatal(body)
	}
	fmt.Println("pgx: ok")
}

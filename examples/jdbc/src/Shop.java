import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;

/** JDBC: upserts in a batch, arrays, timeuuids as java.util.UUID. */
public final class Shop {
    private static final String UPSERT =
        "INSERT INTO shop.customers (id, name, credit, tags) VALUES (?, ?, ?, ?)"
        + " ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name,"
        + " credit = EXCLUDED.credit, tags = EXCLUDED.tags";

    public static void main(String[] args) throws SQLException {
        // autocommit, as JDBC has it by default: Cassandra cannot roll back
        try (Connection connection = DriverManager.getConnection(args[0])) {
            UUID customer = UUID.randomUUID();
            upsert(connection, customer);
            orders(connection, customer);
            events(connection, customer);
        }
        System.out.println("JDBC: ok");
    }

    private static void check(boolean good, String what) {
        if (!good) {
            throw new IllegalStateException(what);
        }
    }

    private static void upsert(Connection connection, UUID customer)
            throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
            for (String name : new String[] {"Gus", "Gus Hill"}) {
                upsert.setObject(1, customer);
                upsert.setString(2, name);
                upsert.setBigDecimal(3, new BigDecimal("3.50"));
                upsert.setArray(4, connection.createArrayOf("text",
                    new String[] {"new"}));
                upsert.addBatch();
            }
            upsert.executeBatch();
        }
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT name, credit FROM shop.customers WHERE id = ?")) {
            query.setObject(1, customer);
            ResultSet rows = query.executeQuery();
            check(rows.next() && rows.getString(1).equals("Gus Hill")
                && rows.getBigDecimal(2).equals(new BigDecimal("3.50")),
                "customer");
        }
    }

    private static void orders(Connection connection, UUID customer)
            throws SQLException {
        OffsetDateTime placed = OffsetDateTime.of(2025, 3, 1, 0, 0, 0, 0,
            ZoneOffset.UTC);
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO shop.orders (customer, placed, number, paid)"
                + " VALUES (?, ?, ?, ?)")) {
            for (int number = 0; number < 20; number++) {
                insert.setObject(1, customer);
                insert.setObject(2, placed.plusDays(number));
                insert.setInt(3, number);
                insert.setBoolean(4, number % 2 == 0);
                insert.addBatch();
            }
            insert.executeBatch();
        }
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT number FROM shop.orders WHERE customer = ?"
                + " AND placed >= ? ORDER BY placed DESC LIMIT 3")) {
            query.setObject(1, customer);
            query.setObject(2, placed.plusDays(10));
            ResultSet rows = query.executeQuery();
            for (int number = 19; number > 16; number--) {
                check(rows.next() && rows.getInt(1) == number, "order");
            }
        }
    }

    private static void events(Connection connection, UUID customer)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO shop.events (source, id, body)"
                + " VALUES (?, generate_timeuuid(), ?) RETURNING id")) {
            insert.setString(1, customer.toString());
            insert.setString(2, "opened");
            ResultSet rows = insert.executeQuery();
            check(rows.next(), "event");
            // the driver has no class for the extension's type
            check(UUID.fromString(rows.getString(1)).version() == 1,
                "timeuuid");
        }
    }
}

// Workers of pgjdbc, a connection each: java Crowd.java URL WORKERS ROUNDS.

import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.*;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.*;
import java.util.concurrent.*;
import org.postgresql.PGConnection;
import org.postgresql.util.PGobject;

public class Crowd {
    static final String COLUMNS = "n, price, at, data, tags, numbers, raw, key, ok, note";

    interface Work {
        void run() throws Exception;
    }

    static void same(Object got, Object want, String where) {
        if (!Objects.deepEquals(got, want))
            throw new AssertionError(where + ": " + show(got) + ", not " + show(want));
    }

    static String show(Object value) {
        return value instanceof Object[] many ? Arrays.deepToString(many) : String.valueOf(value);
    }

    static void fails(String state, Work work) throws Exception {
        try {
            work.run();
        } catch (SQLException error) {
            if (state.equals(error.getSQLState()))
                return;
            throw error;
        }
        throw new AssertionError("no error " + state);
    }

    static Object[] rowOf(int worker, int turn) {
        if (turn % 3 == 2)
            return new Object[] {turn, null, null, null, null, null, null, null, null, null};
        return new Object[] {turn, BigDecimal.valueOf(worker * 1000000L + turn * 1000L + 125, 3),
            OffsetDateTime.of(2024, 1 + turn % 12, 1 + worker, 3, 4, 5, turn * 600000, ZoneOffset.UTC),
            "{\"list\": [" + turn + ", null, \"ö\"], \"worker\": " + worker + "}",
            new String[] {"a,b", "q\"uo", null, "w" + worker}, new Integer[] {turn, null, -worker},
            new byte[] {(byte) worker, (byte) turn, 0, -1}, new UUID(worker, turn), turn % 2 == 0,
            "note " + worker + "." + turn + " 'ü\\"};
    }

    static void bind(Connection conn, PreparedStatement statement, Object[] row) throws SQLException {
        statement.setInt(1, (Integer) row[0]);
        statement.setBigDecimal(2, (BigDecimal) row[1]);
        statement.setObject(3, row[2], Types.TIMESTAMP_WITH_TIMEZONE);
        PGobject data = new PGobject();
        data.setType("jsonb");
        data.setValue((String) row[3]);
        statement.setObject(4, data);
        statement.setArray(5, row[4] == null ? null : conn.createArrayOf("text", (Object[]) row[4]));
        statement.setArray(6, row[5] == null ? null : conn.createArrayOf("int4", (Object[]) row[5]));
        statement.setBytes(7, (byte[]) row[6]);
        statement.setObject(8, row[7], Types.OTHER);
        statement.setObject(9, row[8], Types.BOOLEAN);
        statement.setString(10, (String) row[9]);
    }

    static Object[] read(ResultSet found) throws SQLException {
        java.sql.Array tags = found.getArray(5), numbers = found.getArray(6);
        return new Object[] {found.getInt(1), found.getBigDecimal(2), found.getObject(3, OffsetDateTime.class),
            found.getString(4), tags == null ? null : tags.getArray(), numbers == null ? null : numbers.getArray(),
            found.getBytes(7), found.getObject(8), found.getObject(9), found.getString(10)};
    }

    static void execute(Connection conn, String sql) throws SQLException {
        try (Statement statement = conn.createStatement()) {
            statement.execute(sql);
        }
    }

    static long number(Connection conn, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = conn.prepareStatement(sql)) {
            for (int n = 0; n < values.length; n++)
                statement.setObject(n + 1, values[n]);
            try (ResultSet found = statement.executeQuery()) {
                found.next();
                return found.getLong(1);
            }
        }
    }

    static void turn(Connection conn, PreparedStatement insert, PreparedStatement select, String table, int worker,
            int turn) throws Exception {
        Object[] row = rowOf(worker, turn);
        conn.setAutoCommit(false);
        bind(conn, insert, row);
        same(insert.executeUpdate(), 1, "inserted");
        long id;
        try (ResultSet keys = insert.getGeneratedKeys()) {
            keys.next();
            id = keys.getLong("id");
        }
        select.setLong(1, id);
        try (ResultSet found = select.executeQuery()) {
            found.next();
            same(read(found), row, "row");
        }
        conn.commit();

        try (PreparedStatement update = conn.prepareStatement("UPDATE " + table
                + " SET note = ?, n = n + 100 WHERE id = ?")) {
            update.setString(1, "gone");
            update.setLong(2, id);
            same(update.executeUpdate(), 1, "updated");
        }
        conn.rollback();

        Savepoint savepoint = conn.setSavepoint();
        fails("23505", () -> number(conn, "INSERT INTO " + table + " (n) VALUES (?) RETURNING id", turn));
        fails("25P02", () -> number(conn, "SELECT ?::int", turn));
        conn.rollback(savepoint);
        same(number(conn, "SELECT count(*) FROM " + table + " WHERE n < 100"), turn + 1L, "count");
        // in portions, by a portal
        try (PreparedStatement series = conn.prepareStatement("SELECT n FROM generate_series(1, ?) n")) {
            series.setFetchSize(10);
            series.setInt(1, 35);
            int sum = 0;
            try (ResultSet found = series.executeQuery()) {
                while (found.next())
                    sum += found.getInt(1);
            }
            same(sum, 630, "sum");
        }
        conn.commit();

        execute(conn, "DELETE FROM " + table);
        fails("22012", () -> number(conn, "SELECT ?::int / 0", turn));
        conn.rollback();
        conn.setAutoCommit(true);
        same(number(conn, "SELECT count(*) FROM " + table + " WHERE n >= ?", 0), turn + 1L, "count");
        fails("22012", () -> number(conn, "SELECT ?::int / 0", turn));
    }

    static void life(Connection conn, String table, int worker, int rounds) throws Exception {
        execute(conn, "CREATE TABLE " + table + " (id bigserial PRIMARY KEY, n int NOT NULL UNIQUE, "
            + "price numeric(12,3), at timestamptz, data jsonb, tags text[], numbers int[], raw bytea, key uuid, "
            + "ok boolean, note text)");
        try (PreparedStatement insert = conn.prepareStatement("INSERT INTO " + table + " (" + COLUMNS
                    + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", new String[] {"id"});
                PreparedStatement select = conn.prepareStatement("SELECT " + COLUMNS + " FROM " + table
                    + " WHERE id = ?")) {
            for (int turn = 0; turn < rounds; turn++)
                turn(conn, insert, select, table, worker, turn);
        }
        try (PreparedStatement many = conn.prepareStatement("INSERT INTO " + table + " (n, note) VALUES (?, ?)")) {
            for (int n = 0; n < 50; n++) {
                many.setInt(1, 200 + n);
                many.setString(2, "many " + n);
                many.addBatch();
            }
            same(Arrays.stream(many.executeBatch()).sum(), 50, "batch");
            many.setInt(1, 300);
            many.setString(2, "first");
            many.addBatch();
            many.setInt(1, 200);
            many.setString(2, "twice");
            many.addBatch();
            fails("23505", many::executeBatch);
        }
        var copy = conn.unwrap(PGConnection.class).getCopyAPI();
        StringBuilder lines = new StringBuilder();
        for (int n = 0; n < 100; n++)
            lines.append(1000 + n).append("\tcopied ").append(worker).append('\n');
        same(copy.copyIn("COPY " + table + " (n, note) FROM STDIN", new StringReader(lines.toString())), 100L, "copied");
        StringWriter out = new StringWriter();
        copy.copyOut("COPY (SELECT n, note FROM " + table + " WHERE n >= 1000 ORDER BY n) TO STDOUT", out);
        same(out.toString(), lines.toString(), "copied out");
        execute(conn, "DROP TABLE " + table);
    }

    static void work(String url, int worker, int rounds) throws Exception {
        String table = "crowd_j" + worker;
        try (Connection conn = DriverManager.getConnection(url)) {
            execute(conn, "DROP TABLE IF EXISTS " + table);
            for (int again = 0; again < 2; again++)
                life(conn, table, worker, rounds);
        }
        for (int again = 0; again < 2; again++)
            try (Connection conn = DriverManager.getConnection(url);
                    PreparedStatement sum = conn.prepareStatement("SELECT ?::int + ?::int")) {
                for (int turn = 0; turn < 2 * rounds; turn++) {
                    sum.setInt(1, turn);
                    sum.setInt(2, worker);
                    try (ResultSet found = sum.executeQuery()) {
                        found.next();
                        same(found.getInt(1), turn + worker, "sum");
                    }
                    fails("42P01", () -> number(conn, "SELECT count(*) FROM " + table));
                }
            }
    }

    public static void main(String[] arguments) throws Exception {
        int workers = Integer.parseInt(arguments[1]), rounds = Integer.parseInt(arguments[2]);
        ExecutorService executor = Executors.newFixedThreadPool(workers, each -> {
            Thread thread = new Thread(each);
            thread.setDaemon(true);
            return thread;
        });
        List<Future<?>> all = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            int number = worker;
            all.add(executor.submit(() -> {
                work(arguments[0], number, rounds);
                return null;
            }));
        }
        int code = 0;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        for (int worker = 0; worker < workers; worker++) {
            try {
                all.get(worker).get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException hang) {
                System.err.println("worker " + worker + " hangs");
                code = 1;
            } catch (ExecutionException failed) {
                System.err.println("worker " + worker + ": " + failed.getCause());
                failed.getCause().printStackTrace();
                code = 1;
            }
        }
        if (code == 0)
            System.out.println(workers + " workers");
        System.exit(code);
    }
}

// Workers of pgx on one pgxpool at its defaults: crowd URL WORKERS ROUNDS.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

const columns = "n, price, at, data, tags, numbers, raw, key, ok, note"

type row struct {
	N       int32
	Price   pgtype.Numeric
	At      *time.Time
	Data    map[string]any
	Tags    []*string
	Numbers []*int32
	Raw     []byte
	Key     pgtype.UUID
	Ok      *bool
	Note    *string
}

func to[T any](value T) *T { return &value }

func rowOf(worker, turn int) row {
	if turn%3 == 2 {
		return row{N: int32(turn)}
	}
	return row{
		N:       int32(turn),
		Price:   pgtype.Numeric{Int: big.NewInt(int64(worker*1000000 + turn*1000 + 125)), Exp: -3, Valid: true},
		At:      to(time.Date(2024, time.Month(1+turn%12), 1+worker, 3, 4, 5, turn*600000, time.UTC)),
		Data:    map[string]any{"worker": float64(worker), "list": []any{float64(turn), nil, "ö"}},
		Tags:    []*string{to("a,b"), to(`q"uo`), nil, to(fmt.Sprint("w", worker))},
		Numbers: []*int32{to(int32(turn)), nil, to(int32(-worker))},
		Raw:     []byte{byte(worker), byte(turn), 0, 255},
		Key:     pgtype.UUID{Bytes: [16]byte{14: byte(worker), 15: byte(turn)}, Valid: true},
		Ok:      to(turn%2 == 0),
		Note:    to(fmt.Sprintf(`note %d.%d 'ü\`, worker, turn)),
	}
}

func (r *row) values() []any {
	return []any{r.N, r.Price, r.At, r.Data, r.Tags, r.Numbers, r.Raw, r.Key, r.Ok, r.Note}
}

func (r *row) targets() []any {
	return []any{&r.N, &r.Price, &r.At, &r.Data, &r.Tags, &r.Numbers, &r.Raw, &r.Key, &r.Ok, &r.Note}
}

// What stops a worker; recovered in main.
func must(err error, where string) {
	if err != nil {
		panic(fmt.Sprintf("%s: %v", where, err))
	}
}

func same(got, want any, where string) {
	if !reflect.DeepEqual(got, want) {
		panic(fmt.Sprintf("%s: %v, not %v", where, got, want))
	}
}

func fails(code string, err error, where string) {
	var told *pgconn.PgError
	if !errors.As(err, &told) || told.Code != code {
		panic(fmt.Sprintf("%s: %v, not %s", where, err, code))
	}
}

func isSame(got, want row) bool {
	if got.Price.Valid != want.Price.Valid {
		return false
	}
	if got.Price.Valid { // the same number may come with another exponent
		one, _ := got.Price.Float64Value()
		two, _ := want.Price.Float64Value()
		if one != two {
			return false
		}
	}
	got.Price, want.Price = pgtype.Numeric{}, pgtype.Numeric{}
	if got.At != nil && want.At != nil && got.At.Equal(*want.At) {
		got.At = want.At
	}
	return reflect.DeepEqual(got, want)
}

func turnOf(ctx context.Context, conn *pgx.Conn, table string, worker, turn int) {
	want, got := rowOf(worker, turn), row{}
	var id int64
	must(pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		must(tx.QueryRow(ctx, "INSERT INTO "+table+" ("+columns+") VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) RETURNING id",
			want.values()...).Scan(&id), "insert")
		return tx.QueryRow(ctx, "SELECT "+columns+" FROM "+table+" WHERE id = $1", id).Scan(got.targets()...)
	}), "transaction")
	if !isSame(got, want) {
		panic(fmt.Sprintf("%+v, not %+v", got, want))
	}

	tx, err := conn.Begin(ctx)
	must(err, "begin")
	tag, err := tx.Exec(ctx, "UPDATE "+table+" SET note = $1, n = n + 100 WHERE id = $2", "gone", id)
	must(err, "update")
	same(tag.RowsAffected(), int64(1), "updated")
	must(tx.Rollback(ctx), "rollback")

	tx, err = conn.Begin(ctx)
	must(err, "begin")
	err = pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error { // a savepoint
		_, err := inner.Exec(ctx, "INSERT INTO "+table+" (n) VALUES ($1)", turn)
		return err
	})
	fails("23505", err, "duplicate")
	var note *string
	must(tx.QueryRow(ctx, "SELECT note FROM "+table+" WHERE id = $1", id).Scan(&note), "after the savepoint")
	same(note, want.Note, "note")
	_, err = tx.Exec(ctx, "SELECT $1::int / 0", turn)
	fails("22012", err, "division")
	_, err = tx.Exec(ctx, "SELECT 1")
	fails("25P02", err, "failed transaction")
	must(tx.Rollback(ctx), "rollback")

	batch := &pgx.Batch{}
	for n := 0; n < 20; n++ {
		batch.Queue("SELECT $1::int * 2, $2::text", n, fmt.Sprint("w", worker))
	}
	batch.Queue("SELECT count(*) FROM " + table + " WHERE n < 100")
	results := conn.SendBatch(ctx, batch)
	for n := 0; n < 20; n++ {
		var double int
		var text string
		must(results.QueryRow().Scan(&double, &text), "batch")
		same([]any{double, text}, []any{n * 2, fmt.Sprint("w", worker)}, "of the batch")
	}
	var count int
	must(results.QueryRow().Scan(&count), "count")
	must(results.Close(), "end of the batch")
	same(count, turn+1, "count")
}

func work(ctx context.Context, pool *pgxpool.Pool, worker, rounds int) {
	table := fmt.Sprint("crowd_x", worker)
	must(pool.AcquireFunc(ctx, func(pooled *pgxpool.Conn) error {
		conn := pooled.Conn()
		_, err := conn.Exec(ctx, "DROP TABLE IF EXISTS "+table)
		must(err, "drop")
		for again := 0; again < 2; again++ {
			_, err = conn.Exec(ctx, "CREATE TABLE "+table+" (id bigserial PRIMARY KEY, n int NOT NULL UNIQUE, "+
				"price numeric(12,3), at timestamptz, data jsonb, tags text[], numbers int[], raw bytea, key uuid, "+
				"ok boolean, note text)")
			must(err, "create")
			for turn := 0; turn < rounds; turn++ {
				turnOf(ctx, conn, table, worker, turn)
			}
			copied, err := conn.CopyFrom(ctx, pgx.Identifier{table}, []string{"n", "note", "tags"},
				pgx.CopyFromSlice(100, func(n int) ([]any, error) {
					return []any{1000 + n, fmt.Sprint("copied ", n), []string{"t"}}, nil
				}))
			must(err, "copy")
			same(copied, int64(100), "copied")
			rows, err := conn.Query(ctx, "SELECT n FROM "+table+" WHERE n >= $1 ORDER BY n", 1000)
			must(err, "query")
			numbers, err := pgx.CollectRows(rows, pgx.RowTo[int])
			must(err, "rows")
			same([]int{len(numbers), numbers[99]}, []int{100, 1099}, "rows")
			_, err = conn.Exec(ctx, "DROP TABLE "+table)
			must(err, "drop")
		}
		return nil
	}), "acquire")
	for turn := 0; turn < 2*rounds; turn++ { // whichever connection of the pool is free
		var number int
		must(pool.QueryRow(ctx, "SELECT $1::int + 1", turn).Scan(&number), "of the pool")
		same(number, turn+1, "of the pool")
		_, err := pool.Exec(ctx, "SELECT * FROM "+table+" WHERE n = $1", turn)
		fails("42P01", err, "no table")
	}
	for turn := 0; turn < 2; turn++ {
		own, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig.Copy())
		must(err, "connect")
		var text string
		must(own.QueryRow(ctx, "SELECT $1::text", fmt.Sprint("w", worker)).Scan(&text), "own")
		must(own.Close(ctx), "close")
	}
}

func main() {
	workers, _ := strconv.Atoi(os.Args[2])
	rounds, _ := strconv.Atoi(os.Args[3])
	ctx, stop := context.WithTimeout(context.Background(), 40*time.Second)
	defer stop()
	config, err := pgxpool.ParseConfig(os.Args[1])
	must(err, "url")
	config.MaxConns = int32(workers)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	must(err, "pool")
	var group sync.WaitGroup
	failed := make(chan any, workers)
	for worker := 0; worker < workers; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			defer func() {
				if told := recover(); told != nil {
					failed <- fmt.Sprintf("worker %d: %v", worker, told)
				}
			}()
			work(ctx, pool, worker, rounds)
		}(worker)
	}
	group.Wait()
	close(failed)
	code := 0
	for told := range failed {
		fmt.Fprintln(os.Stderr, told)
		code = 1
	}
	if code == 0 {
		fmt.Printf("%d workers\n", workers)
	}
	os.Exit(code)
}

//go:build !v190

package main

import (
	"context"
	"database/sql"
)

const version = "1.8.2"

func sum(ctx context.Context, db *sql.DB, tea int) (cents int, err error) {
	rows, err := db.QueryContext(ctx, "SELECT cents FROM sales WHERE tea_id = $1 ORDER BY id DESC", tea)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var c int
		if err := rows.Scan(&c); err != nil {
			return 0, err
		}
		cents += c
	}
	return cents, rows.Err()
}

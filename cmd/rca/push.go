package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"golang.org/x/term"

	"github.com/rca-engine/rca/client"
)

// pusher uploads files to a server, and goes on where an earlier push of the same file stopped.
type pusher struct {
	client    *client.ClientWithResponses
	server    string
	workspace string // "" for the user's own
	resume    string // folder in which unfinished uploads are remembered
	progress  func(name string, done, total int64)
}

// upload brings one file up and gives the id of its upload.
func (p *pusher) upload(ctx context.Context, file string) (id string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close() // read only
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no file: pack a folder with tar first", file)
	}
	memo, err := p.memo(file, info)
	if err != nil {
		return "", err
	}
	begun, err := os.ReadFile(memo)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	u := client.Upload{Name: filepath.Base(file), Bytes: f, Size: info.Size(), Workspace: p.workspace, Begun: string(begun)}
	u.OnBegin = func(begun string) error { return os.WriteFile(memo, []byte(begun), 0o600) }
	if p.progress != nil {
		u.Progress = func(done int64) { p.progress(u.Name, done, u.Size) }
	}
	if id, err = p.client.Upload(ctx, u); err != nil {
		return "", err
	}
	return id, os.Remove(memo)
}

// memo is the file that remembers an upload of just this content to just this server.
func (p *pusher) memo(file string, info fs.FileInfo) (string, error) {
	full, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(p.resume, 0o700); err != nil {
		return "", err
	}
	key := fmt.Sprint(p.server, "\n", p.workspace, "\n", full, "\n", info.Size(), "\n", info.ModTime().UnixNano())
	return filepath.Join(p.resume, fmt.Sprintf("%016x", xxhash.Sum64String(key))), nil
}

// bar shows how far an upload is, on a terminal alone.
func bar() func(name string, done, total int64) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil
	}
	var current string
	var began, told time.Time
	var first int64
	return func(name string, done, total int64) {
		if name != "" && name != current {
			current, began, first = name, time.Now(), done
		}
		if done < total && time.Since(told) < 200*time.Millisecond {
			return
		}
		told = time.Now()
		rate := float64(done-first) / max(time.Since(began).Seconds(), .001) / 1e6
		filled := int(20 * done / max(total, 1))
		fmt.Fprintf(os.Stderr, "\r%s %s%s %3d %% of %.1f MB, %.0f MB/s ", safe(short(current, 30)), strings.Repeat("█", filled), strings.Repeat("░", 20-filled), 100*done/max(total, 1), float64(total)/1e6, rate)
		if done == total {
			fmt.Fprintln(os.Stderr)
		}
	}
}

func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

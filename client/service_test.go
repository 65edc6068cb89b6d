package client_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/jobs"
	"github.com/rca-engine/rca/internal/server"
	"github.com/rca-engine/rca/internal/store"
)

const password = "seven green bicycles"

// binary is built once: jobs run in child processes of it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rca-client")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "rca")
	out, err := exec.Command("go", "build", "-o", path, "../cmd/rca").CombinedOutput()
	if err != nil {
		return "", errors.Join(err, errors.New(string(out)))
	}
	return path, nil
})

// service is a whole one on SQLite and a disk, with a user called ada.
type service struct {
	web  *httptest.Server
	stop func()
}

func start() *service {
	var undo []func()
	ok := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	bin, err := binary()
	ok(err)
	dir, err := os.MkdirTemp("", "rca-client")
	ok(err)
	undo = append(undo, func() { _ = os.RemoveAll(dir) })
	ctx, end := context.WithCancel(context.Background())
	st, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "rca.db"), store.Options{})
	ok(err)
	undo = append(undo, func() { _ = st.Close() })
	_, err = st.Migrate(ctx)
	ok(err)
	blobs, err := blob.OpenDisk(filepath.Join(dir, "blobs"))
	ok(err)
	desk, err := incident.New(st, blobs, incident.Options{Folder: filepath.Join(dir, "work"), Executable: bin})
	ok(err)
	queue, err := jobs.New(st, desk, jobs.Options{Workers: 1})
	ok(err)
	users, err := auth.New(ctx, st, auth.Options{Argon: auth.Argon{KiB: 64, Passes: 1, Threads: 1}})
	ok(err)
	_, err = users.CreateUser(ctx, "ada", password, false)
	ok(err)
	api, err := server.New(server.Options{Store: st, Desk: desk, Queue: queue, Auth: users, Blobs: blobs, Folder: filepath.Join(dir, "tus")})
	ok(err)
	ended := make(chan error, 1)
	go func() { ended <- queue.Run(ctx) }()
	web := httptest.NewServer(api.Handler())
	undo = append(undo, func() {
		web.CloseClientConnections()
		web.Close()
		end()
		<-ended
		_ = api.Close()
	})
	return &service{web, func() {
		for i := len(undo) - 1; i >= 0; i-- {
			undo[i]()
		}
	}}
}

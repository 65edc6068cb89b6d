package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newPush() *cobra.Command {
	var server, keyFile, workspace, title, format string
	var baseline []string
	var wait, onlyUpload bool
	c := &cobra.Command{
		Use:   "push FILE…",
		Short: "Upload logs to a server and start an analysis there",
		Long: `Upload logs to a server and start an analysis there. An upload that was interrupted goes on where it stopped when the same command is
given again. The API key is read from the file of --key-file, else from RCA_API_KEY; it needs the scopes uploads:write, jobs:write and, with
--wait, jobs:read.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return status{code: exitUsage, text: "no file is given", hint: "rca push app.log db.log.gz --server https://rca.example.com"}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			p, err := newPusher(server, keyFile, workspace)
			if err != nil {
				return err
			}
			ctx := c.Context()
			logs, err := p.uploads(ctx, args)
			if err != nil {
				return err
			}
			normal, err := p.uploads(ctx, baseline)
			if err != nil {
				return err
			}
			if onlyUpload {
				fmt.Println(strings.Join(append(logs, normal...), "\n"))
				return nil
			}
			if title == "" {
				title = filepath.Base(args[0])
				if len(args) > 1 {
					title = fmt.Sprintf("%s and %d more", title, len(args)-1)
				}
			}
			job, err := p.start(ctx, title, logs, normal)
			if err != nil {
				return err
			}
			if !wait {
				fmt.Println(job.ID)
				return nil
			}
			return p.await(ctx, job.ID, format)
		},
	}
	fl := c.Flags()
	fl.StringVar(&server, "server", os.Getenv("RCA_SERVER"), "address of the server (default: $RCA_SERVER)")
	fl.StringVar(&keyFile, "key-file", "", "file that holds the API key (default: $RCA_API_KEY holds the key itself)")
	fl.StringVar(&workspace, "workspace", "", "id of the workspace (default: your own)")
	fl.StringVar(&title, "title", "", "title of the job (default: the first file's name)")
	fl.StringArrayVar(&baseline, "baseline", nil, "logs of a normal time, uploaded too")
	fl.BoolVar(&wait, "wait", false, "wait for the report and print it")
	fl.StringVar(&format, "format", "text", "of the report that is waited for: text, markdown, html or json")
	fl.BoolVar(&onlyUpload, "only-upload", false, "start no job; print the ids of the uploads")
	return c
}

func newPusher(server, keyFile, workspace string) (*pusher, error) {
	if server == "" {
		return nil, status{code: exitUsage, text: "no server is named", hint: "--server https://rca.example.com, or RCA_SERVER"}
	}
	if u, err := url.Parse(server); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, status{code: exitUsage, text: fmt.Sprintf("%q is no address of a server", server), hint: "--server https://rca.example.com"}
	}
	key := os.Getenv("RCA_API_KEY")
	if keyFile != "" {
		b, err := os.ReadFile(keyFile)
		if err != nil {
			return nil, err
		}
		key = string(b)
	}
	if key = strings.TrimSpace(key); key == "" {
		return nil, status{code: exitUsage, text: "there is no API key", hint: "RCA_API_KEY, or --key-file FILE"}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return &pusher{server: strings.TrimRight(server, "/"), key: key, workspace: workspace, client: &http.Client{}, resume: filepath.Join(cache, "rca", "push"), progress: bar()}, nil
}

func (p *pusher) uploads(ctx context.Context, files []string) ([]string, error) {
	var ids []string
	for _, f := range files {
		id, err := p.upload(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("upload %s: %w", f, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// pushed is what is read of a job.
type pushed struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Report   string `json:"report_id"`
	Progress struct {
		Stage string `json:"stage"`
		Done  int64  `json:"done_bytes"`
		Total int64  `json:"total_bytes"`
	} `json:"progress"`
	Error *struct{ Code, Message string } `json:"error"`
}

func (p *pusher) start(ctx context.Context, title string, logs, baseline []string) (j pushed, err error) {
	type manifest struct {
		Uploads  []string `json:"uploads"`
		Baseline []string `json:"baseline,omitempty"`
	}
	body, err := json.Marshal(map[string]any{"job_type": "rca_analysis", "title": title, "input_manifest": manifest{logs, baseline}})
	if err != nil {
		return j, err
	}
	at := p.server + "/api/v1/jobs"
	if p.workspace != "" {
		at += "?workspace=" + url.QueryEscape(p.workspace)
	}
	resp, err := p.do(ctx, http.MethodPost, at, http.Header{"Content-Type": {"application/json"}}, bytes.NewReader(body))
	if err != nil {
		return j, err
	}
	defer resp.Body.Close() // read whole
	return j, json.NewDecoder(resp.Body).Decode(&j)
}

// await looks at a job until it has ended, and prints its report.
func (p *pusher) await(ctx context.Context, id, format string) error {
	for told := ""; ; {
		var j pushed
		resp, err := p.do(ctx, http.MethodGet, p.server+"/api/v1/jobs/"+id, nil, nil)
		if err != nil {
			return err
		}
		err = json.NewDecoder(resp.Body).Decode(&j)
		resp.Body.Close()
		if err != nil {
			return err
		}
		switch j.Status {
		case "succeeded":
			resp, err := p.do(ctx, http.MethodGet, p.server+"/api/v1/jobs/"+id+"/report?format="+url.QueryEscape(format), nil, nil)
			if err != nil {
				return err
			}
			defer resp.Body.Close() // read whole
			_, err = io.Copy(os.Stdout, resp.Body)
			return err
		case "failed", "cancelled":
			text := "the job was cancelled"
			if j.Error != nil {
				text = fmt.Sprintf("the job failed: %s: %s", j.Error.Code, j.Error.Message)
			}
			return status{code: exitError, text: text}
		}
		if p.progress != nil && j.Progress.Stage != told {
			told = j.Progress.Stage
			fmt.Fprintf(os.Stderr, "%s: %s\n", j.Status, safe(told))
		}
		select {
		case <-time.After(300 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/client"
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
				fmt.Println(job)
				return nil
			}
			return p.await(ctx, job, format)
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
	server = strings.TrimRight(server, "/")
	api, err := client.Open(server, client.Options{Bearer: key})
	if err != nil {
		return nil, status{code: exitUsage, text: fmt.Sprintf("%q is no address of a server", server), hint: "--server https://rca.example.com"}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return &pusher{client: api, server: server, workspace: workspace, resume: filepath.Join(cache, "rca", "push"), progress: bar()}, nil
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

func (p *pusher) start(ctx context.Context, title string, logs, baseline []string) (string, error) {
	params := &client.CreateJobParams{}
	if p.workspace != "" {
		params.Workspace = &p.workspace
	}
	a, err := p.client.CreateJobWithResponse(ctx, params, client.CreateJobJSONRequestBody{JobType: client.CreateJobInputBodyJobTypeRcaAnalysis, Title: &title,
		InputManifest: &client.Manifest{Uploads: logs, Baseline: baseline}})
	if err != nil {
		return "", err
	}
	if a.JSON202 == nil {
		return "", fmt.Errorf("%s answered %s where it should have started a job", p.server, a.Status())
	}
	return a.JSON202.ID, nil
}

// await looks at a job until it has ended, and prints its report.
func (p *pusher) await(ctx context.Context, id, format string) error {
	for told := ""; ; {
		a, err := p.client.GetJobWithResponse(ctx, id)
		if err != nil {
			return err
		}
		if a.JSON200 == nil {
			return fmt.Errorf("%s answered %s without a job", p.server, a.Status())
		}
		j := a.JSON200
		switch j.Status {
		case client.JobViewStatusSucceeded:
			return p.report(ctx, id, format)
		case client.JobViewStatusFailed, client.JobViewStatusCancelled:
			text := "the job was cancelled"
			if j.Error != nil {
				text = fmt.Sprintf("the job failed: %s: %s", j.Error.Code, j.Error.Message)
			}
			return status{code: exitError, text: text}
		}
		if stage := j.Progress.Stage; p.progress != nil && stage != nil && *stage != told {
			told = *stage
			fmt.Fprintf(os.Stderr, "%s: %s\n", j.Status, safe(told))
		}
		select {
		case <-time.After(300 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// report prints a job's report as it comes.
func (p *pusher) report(ctx context.Context, id, format string) error {
	resp, err := p.client.JobReport(ctx, id, &client.JobReportParams{Format: new(client.JobReportParamsFormat(format))})
	if err != nil {
		return err
	}
	defer resp.Body.Close() // read whole
	_, err = io.Copy(os.Stdout, resp.Body)
	return err
}

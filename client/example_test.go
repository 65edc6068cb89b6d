package client_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/rca-engine/rca/client"
)

// From the login to the report.
func Example() {
	service := start()
	defer service.stop()
	address, ctx := service.web.URL, context.Background()

	// A person logs in by name and password; a program is given an API key and shows that.
	stranger, err := client.Open(address, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	login, err := stranger.TokenWithFormdataBodyWithResponse(ctx, client.TokenFormdataRequestBody{GrantType: client.TokenFormdataBodyGrantTypePassword, Username: new("ada"),
		Password: new(password)})
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.Open(address, client.Options{Bearer: login.JSON200.AccessToken})
	if err != nil {
		log.Fatal(err)
	}

	logs := strings.NewReader(strings.Repeat("2026-03-01T12:00:00Z INFO api: served a page\n", 200) +
		"2026-03-01T12:10:05Z FATAL db: no space left on device\n2026-03-01T12:10:06Z ERROR api: connection refused by db:5432\n")
	upload, err := c.Upload(ctx, client.Upload{Name: "app.log", Bytes: logs, Size: logs.Size()})
	if err != nil {
		log.Fatal(err)
	}
	job, err := c.CreateJobWithResponse(ctx, nil, client.CreateJobJSONRequestBody{JobType: client.CreateJobInputBodyJobTypeRcaAnalysis, Title: new("the night"),
		InputManifest: &client.Manifest{Uploads: []string{upload}}})
	if err != nil {
		log.Fatal(err)
	}
	done, err := c.Wait(ctx, job.JSON202.ID)
	if err != nil {
		log.Fatal(err)
	}
	report, err := c.JobReportWithResponse(ctx, done.ID, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(done.Title, done.Status)
	fmt.Println((*report.JSON200)["headline"])
	// Output:
	// the night succeeded
	// app: the disk is full
}

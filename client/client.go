// Package client speaks to a service of RCA Engine (rca serve).
//
// The types and a method for each operation, in api.gen.go, are made from the OpenAPI document, docs/openapi.json: of
// GetJob there is client.GetJobWithResponse, whose answer has the decoded body in JSON200 (nil if the answer was no JSON
// document), and client.GetJob with the bare HTTP response, for what is too long to be read whole (a download). Where the protocol is more than a
// question and an answer there is a method by hand: Upload for files of any size, Events and Wait to follow a job.
//
// Every answer that is no success is an error of type *Refusal, with the stable code of the problem.
//
// Optional parameters and fields are pointers: new("text") makes one.
package client

//go:generate go -C generate tool oapi-codegen -config generate.yaml ../../docs/openapi.json

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Options say how a client reaches the service.
type Options struct {
	Bearer string       // access token or API key that every request shows; default none, for the operations that anybody may ask
	HTTP   *http.Client // default one of its own, without a time limit: uploads and events may take hours, so bound them by the context
}

// Open returns a client of the service at an address as https://rca.example.com. It asks nothing yet.
func Open(address string, o Options) (*ClientWithResponses, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("open client: %q is no address of a service, want https://HOST", address)
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	return NewClientWithResponses(address, WithHTTPClient(refusing{o.HTTP}), WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		if o.Bearer != "" {
			r.Header.Set("Authorization", "Bearer "+o.Bearer)
		}
		return nil
	}))
}

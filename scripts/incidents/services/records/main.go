// Command records keeps the sheets of the vet's patients and serves them by gRPC.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"net"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/protobuf/types/known/wrapperspb"
	"k8s.io/klog/v2"
)

type records struct {
	visits map[string]int
	stats  bool
}

// sheet counts the visits of the patient. Release 5.1 counts them for each of the doctors too, who are served at once.
func (s *records) sheet(ctx context.Context, patient string) (string, error) {
	if s.stats {
		done := make(chan bool)
		for doctor := range 4 {
			go func() {
				for visit := range 400 {
					s.visits[patient+"/"+strconv.Itoa(doctor)+"/"+strconv.Itoa(visit)]++
				}
				done <- true
			}()
		}
		for range 4 {
			<-done
		}
	}
	return "sheet of patient " + patient, nil
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where to listen")
	cert := flag.String("cert", "", "certificate and key (NAME.pem, NAME.key), none for plain text")
	release := flag.String("release", "5.0.2", "5.1.0 counts visits")
	klog.InitFlags(nil)
	flag.Parse()
	klog.InfoS("Starting records", "release", *release, "listen", *listen)
	s := &records{visits: map[string]int{}, stats: *release == "5.1.0"}
	options := []grpc.ServerOption{grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: 6 * time.Second})}
	if *cert != "" {
		options = append(options, grpc.Creds(credentials.NewTLS(&tls.Config{
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				pair, err := tls.LoadX509KeyPair(*cert+".pem", *cert+".key")
				return &pair, err
			},
		})))
	}
	server := grpc.NewServer(options...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "vet.Records",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Sheet", Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			var in wrapperspb.StringValue
			if err := decode(&in); err != nil {
				return nil, err
			}
			start := time.Now()
			text, err := s.sheet(ctx, in.Value)
			klog.V(0).InfoS("Sheet served", "patient", in.Value, "latency", time.Since(start).String())
			return wrapperspb.String(text), err
		}}},
	}, s)
	go func() {
		for range time.Tick(12 * time.Second) {
			klog.Warningf("Sheet of patient %s has no chip number", fmt.Sprint(17))
		}
	}()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		klog.Fatal(err)
	}
	klog.Fatal(server.Serve(listener))
}

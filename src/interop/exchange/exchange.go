// Requests a token, and prints how long it lives, or why there is none.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"acme.example/jobs/brokerpb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
)

func explain(refused error) {
	fmt.Fprintln(os.Stderr, refused)
	for _, detail := range status.Convert(refused).Details() { // none if the broker has not answered
		switch known := detail.(type) {
		case *errdetails.ErrorInfo:
			fmt.Fprintln(os.Stderr, known.GetReason(), known.GetMetadata()["verdict_id"])
		case *errdetails.RetryInfo:
			fmt.Fprintln(os.Stderr, "retry after", known.GetRetryDelay().AsDuration())
		}
	}
}

func check(err error) {
	if err != nil {
		explain(err)
		os.Exit(1)
	}
}

func main() {
	serviceConfig, err := os.ReadFile("service-config.json")
	check(err)
	credential, err := os.ReadFile("credential.jwt")
	check(err)
	conn, err := grpc.NewClient("dns:///"+os.Args[1],
		grpc.WithTransportCredentials(credentials.NewTLS(nil)),
		grpc.WithDefaultServiceConfig(string(serviceConfig)))
	check(err)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	token, err := brokerpb.NewTokenBrokerClient(conn).ExchangeToken(ctx, &brokerpb.ExchangeTokenRequest{
		Audience: os.Args[2], SubjectToken: strings.TrimSpace(string(credential))})
	check(err)
	fmt.Println("a token until", token.GetExpireTime().AsTime())
}

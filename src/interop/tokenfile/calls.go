// Calls a target with the token in a file, as often as each line of standard input says; prints the status codes.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"acme.example/jobs/tokenfile"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

func main() {
	transport := insecure.NewCredentials()
	if os.Args[3] == "tls" {
		transport = credentials.NewTLS(nil)
	}
	conn, err := grpc.NewClient("dns:///"+os.Args[1],
		grpc.WithTransportCredentials(transport),
		grpc.WithPerRPCCredentials(tokenfile.New(os.Args[2])))
	if err != nil {
		panic(err)
	}
	for lines := json.NewDecoder(os.Stdin); ; {
		var line struct{ Times int }
		if lines.Decode(&line) != nil {
			return
		}
		codes := make([]int, line.Times)
		var calls sync.WaitGroup
		for i := range codes {
			calls.Add(1)
			go func() {
				defer calls.Done()
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				codes[i] = int(status.Code(conn.Invoke(ctx, "/acme.Target/Call", &emptypb.Empty{}, &emptypb.Empty{})))
			}()
		}
		calls.Wait()
		slices.Sort(codes)
		fmt.Printf("{\"codes\":\"%v\"}\n", slices.Compact(codes))
	}
}

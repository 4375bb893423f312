package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	pb "facesvg.example/draw/gen/facesvg/v1"
)

// dial returns the service at FACESVG_URL, called with the key of FACESVG_API_KEY.
func dial() (pb.GatewayServiceClient, error) {
	address, err := url.Parse(cmp.Or(os.Getenv("FACESVG_URL"), "http://localhost:8000"))
	if err != nil {
		return nil, err
	}
	target, security := address.Host, insecure.NewCredentials()
	if address.Scheme == "https" {
		security = credentials.NewTLS(nil)
	}
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(security),
		grpc.WithPerRPCCredentials(key(os.Getenv("FACESVG_API_KEY"))))
	return pb.NewGatewayServiceClient(conn), err
}

// key is sent with every call; empty, it is not.
type key string

func (k key) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	if k == "" {
		return nil, nil
	}
	return map[string]string{"x-api-key": string(k)}, nil
}

func (k key) RequireTransportSecurity() bool { return false }

// explained returns an error's reason, which is for programs, and its message, for people.
func explained(err error) string {
	answer, ok := status.FromError(err)
	if !ok {
		return err.Error()
	}
	for _, detail := range answer.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return fmt.Sprintf("%s: %s", info.Reason, answer.Message())
		}
	}
	return fmt.Sprintf("%s: %s", answer.Code(), answer.Message())
}

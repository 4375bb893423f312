// Draw turns a face into an SVG over gRPC:
//
//	go generate && go build && ./draw photo.jpg landmarks.json [map.png] > face.svg
//
// FACESVG_URL says where the suite listens, FACESVG_API_KEY is the key, where it wants one.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "facesvg.example/draw/gen/facesvg/v1"
)

//go:generate buf generate

const chunkBytes = 256 * 1024

var options = &pb.DrawOptions{Preset: proto.String("zones27"), RegionOpacity: proto.Float64(0.6)}

func main() {
	if len(os.Args) < 3 || len(os.Args) > 4 {
		fmt.Fprintln(os.Stderr, "usage: draw photo landmarks [map] > face.svg")
		os.Exit(2)
	}
	if err := draw(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, explained(err))
		os.Exit(1)
	}
}

// draw writes the drawing of some files: a photo, its landmarks and, where there is one, its map.
func draw(names []string, svg io.Writer) error {
	var parts [][]byte
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		parts = append(parts, data)
	}
	gateway, err := dial()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()

	task, err := find(ctx, gateway, parts)
	if status.Code(err) == codes.NotFound {
		task, err = submit(ctx, gateway, parts)
	} else if err == nil {
		fmt.Fprintln(os.Stderr, "known already, nothing was uploaded")
	}
	if err != nil {
		return err
	}
	if err := follow(ctx, gateway, task.TaskId); err != nil {
		return err
	}
	return fetch(ctx, gateway, task.TaskId, svg)
}

// find asks for a drawing that is there already, told the digests of what is large.
func find(ctx context.Context, gateway pb.GatewayServiceClient, parts [][]byte) (*pb.SubmitResponse, error) {
	request := &pb.FindByInputsRequest{
		Options: options, ImageSha256: digest(parts[0]), Landmarks: parts[1],
	}
	if len(parts) > 2 {
		request.Map = &pb.FindByInputsRequest_SegmentationMapSha256{SegmentationMapSha256: digest(parts[2])}
	}
	return gateway.FindByInputs(ctx, request)
}

// submit uploads the parts and returns their task.
func submit(ctx context.Context, gateway pb.GatewayServiceClient, parts [][]byte) (*pb.SubmitResponse, error) {
	upload, err := gateway.Submit(ctx)
	if err != nil {
		return nil, err
	}
	for message := range messages(parts) {
		if upload.Send(message) != nil {
			break // the service has answered already
		}
	}
	return upload.CloseAndRecv()
}

// messages yields a header, each part in chunks, and a last word: without it, it was cut off.
func messages(parts [][]byte) iter.Seq[*pb.SubmitRequest] {
	header := &pb.SubmitHeader{Options: options}
	for i, data := range parts {
		header.Parts = append(header.Parts, &pb.PartInfo{
			Part: pb.Part(i + 1), SizeBytes: proto.Uint32(uint32(len(data))), Sha256: digest(data),
		})
	}
	return func(yield func(*pb.SubmitRequest) bool) {
		more := yield(&pb.SubmitRequest{Message: &pb.SubmitRequest_Header{Header: header}})
		for i, data := range parts {
			for piece := range slices.Chunk(data, chunkBytes) {
				chunk := &pb.Chunk{Part: pb.Part(i + 1), Data: piece}
				more = more && yield(&pb.SubmitRequest{Message: &pb.SubmitRequest_Chunk{Chunk: chunk}})
			}
		}
		_ = more && yield(&pb.SubmitRequest{Message: &pb.SubmitRequest_Finish{Finish: &pb.Finish{}}})
	}
}

// follow tells of a task's progress until it is final; one that failed is an error.
func follow(ctx context.Context, gateway pb.GatewayServiceClient, taskID string) error {
	records, err := gateway.WatchTask(ctx, &pb.WatchTaskRequest{TaskId: taskID})
	return each(records, err, func(task *pb.Task) error {
		fmt.Fprintf(os.Stderr, "%s %d %% %s\n", task.Status, task.Progress, task.Step)
		if task.Error != nil {
			return fmt.Errorf("%s: %s", task.Error.Type, task.Error.Message)
		}
		return nil
	})
}

// fetch writes the SVG of a finished task.
func fetch(ctx context.Context, gateway pb.GatewayServiceClient, taskID string, svg io.Writer) error {
	pieces, err := gateway.GetSvg(ctx, &pb.GetSvgRequest{TaskId: taskID})
	return each(pieces, err, func(piece *httpbody.HttpBody) error {
		_, err := svg.Write(piece.Data)
		return err
	})
}

// each takes what a stream sends to its end.
func each[T any](stream grpc.ServerStreamingClient[T], err error, take func(*T) error) error {
	for err == nil {
		var message *T
		if message, err = stream.Recv(); err == nil {
			err = take(message)
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func digest(data []byte) []byte {
	sum := sha256.Sum256(data)
	return sum[:]
}

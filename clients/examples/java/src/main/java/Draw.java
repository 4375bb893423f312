import static io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING;
import static io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING;
import static io.grpc.MethodDescriptor.MethodType.UNARY;

import com.google.api.HttpBody;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import facesvg.v1.Cache.WatchTaskRequest;
import facesvg.v1.Gateway.FindByInputsRequest;
import facesvg.v1.Gateway.GetSvgRequest;
import facesvg.v1.Gateway.SubmitHeader;
import facesvg.v1.Gateway.SubmitRequest;
import facesvg.v1.Gateway.SubmitResponse;
import facesvg.v1.Mask.DrawOptions;
import facesvg.v1.TaskOuterClass.Task;
import facesvg.v1.Upload.Chunk;
import facesvg.v1.Upload.Finish;
import facesvg.v1.Upload.Part;
import facesvg.v1.Upload.PartInfo;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Draws a face over gRPC:
 *
 * <pre>mvn -q package
 * java -cp 'target/classes:target/dependency/*' Draw photo.jpg landmarks.json [map.png] > face.svg</pre>
 *
 * FACESVG_URL says where the suite listens, FACESVG_API_KEY is the key, where it wants one.
 */
public final class Draw {
  private static final int CHUNK_BYTES = 256 * 1024;
  private static final DrawOptions OPTIONS =
      DrawOptions.newBuilder().setPreset("zones27").setRegionOpacity(0.6).build();

  // Four methods need no generated stubs; protoc-gen-grpc-java makes them for all.
  private static final MethodDescriptor<FindByInputsRequest, SubmitResponse> FIND =
      method(UNARY, "FindByInputs", FindByInputsRequest.getDefaultInstance(), SubmitResponse.getDefaultInstance());
  private static final MethodDescriptor<SubmitRequest, SubmitResponse> SUBMIT =
      method(CLIENT_STREAMING, "Submit", SubmitRequest.getDefaultInstance(), SubmitResponse.getDefaultInstance());
  private static final MethodDescriptor<WatchTaskRequest, Task> WATCH =
      method(SERVER_STREAMING, "WatchTask", WatchTaskRequest.getDefaultInstance(), Task.getDefaultInstance());
  private static final MethodDescriptor<GetSvgRequest, HttpBody> SVG =
      method(SERVER_STREAMING, "GetSvg", GetSvgRequest.getDefaultInstance(), HttpBody.getDefaultInstance());

  private final ManagedChannel channel;

  private Draw(URI url, String key) {
    var credentials =
        "https".equals(url.getScheme()) ? TlsChannelCredentials.create() : InsecureChannelCredentials.create();
    var headers = new Metadata();
    if (key != null) {
      headers.put(Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER), key);
    }
    channel =
        Grpc.newChannelBuilder(url.getAuthority(), credentials)
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
            .build();
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2 || arguments.length > 3) {
      System.err.println("usage: Draw photo landmarks [map] > face.svg");
      System.exit(2);
    }
    var url = Optional.ofNullable(System.getenv("FACESVG_URL")).orElse("http://localhost:8000");
    var draw = new Draw(URI.create(url), System.getenv("FACESVG_API_KEY"));
    try {
      draw.run(arguments);
    } catch (StatusException error) {
      System.err.println(explained(error));
      System.exit(1);
    } catch (IllegalStateException error) {
      System.err.println(error.getMessage());
      System.exit(1);
    } catch (IOException error) {
      System.err.println(error);
      System.exit(1);
    }
  }

  /** Draws the face of some files: a photo, its landmarks and, where there is one, its map. */
  private void run(String[] names) throws Exception {
    var parts = new ArrayList<byte[]>();
    for (var name : names) {
      parts.add(Files.readAllBytes(Path.of(name)));
    }
    String taskId;
    try {
      taskId = find(parts);
      System.err.println("known already, nothing was uploaded");
    } catch (StatusException error) {
      if (error.getStatus().getCode() != Status.Code.NOT_FOUND) {
        throw error;
      }
      taskId = submit(parts);
    }
    follow(taskId);
    fetch(taskId, System.out);
    channel.shutdownNow();
  }

  /** Asks for a drawing that is there already, told the digests of what is large. */
  private String find(List<byte[]> parts) throws Exception {
    var request =
        FindByInputsRequest.newBuilder()
            .setOptions(OPTIONS)
            .setImageSha256(sha256(parts.get(0)))
            .setLandmarks(ByteString.copyFrom(parts.get(1)));
    if (parts.size() > 2) {
      request.setSegmentationMapSha256(sha256(parts.get(2)));
    }
    return ClientCalls.blockingV2UnaryCall(channel, FIND, within(10), request.build()).getTaskId();
  }

  /** Uploads a header, each part in chunks, and a last word: without it, it was cut off. */
  private String submit(List<byte[]> parts) throws Exception {
    var header = SubmitHeader.newBuilder().setOptions(OPTIONS);
    var messages = new ArrayList<SubmitRequest>();
    for (var i = 0; i < parts.size(); i++) {
      var part = Part.forNumber(i + 1); // image, landmarks, map
      var data = parts.get(i);
      header.addParts(PartInfo.newBuilder().setPart(part).setSizeBytes(data.length).setSha256(sha256(data)));
      for (var at = 0; at < data.length; at += CHUNK_BYTES) {
        var piece = ByteString.copyFrom(data, at, Math.min(CHUNK_BYTES, data.length - at));
        messages.add(SubmitRequest.newBuilder().setChunk(Chunk.newBuilder().setPart(part).setData(piece)).build());
      }
    }
    messages.add(0, SubmitRequest.newBuilder().setHeader(header).build());
    messages.add(SubmitRequest.newBuilder().setFinish(Finish.getDefaultInstance()).build());
    var upload = ClientCalls.blockingClientStreamingCall(channel, SUBMIT, within(60));
    for (var message : messages) {
      if (!upload.write(message)) { // waits until there is room
        break; // the service has answered already
      }
    }
    upload.halfClose();
    return upload.read().getTaskId();
  }

  /** Tells of a task's progress until it is final; one that failed ends here. */
  private void follow(String taskId) throws Exception {
    var request = WatchTaskRequest.newBuilder().setTaskId(taskId).build();
    var records = ClientCalls.blockingV2ServerStreamingCall(channel, WATCH, within(120), request);
    while (records.hasNext()) {
      var task = records.read();
      System.err.printf("%s %d %% %s%n", task.getStatus(), task.getProgress(), task.getStep());
      if (task.hasError()) {
        throw new IllegalStateException(task.getError().getType() + ": " + task.getError().getMessage());
      }
    }
  }

  /** Writes the SVG of a finished task. */
  private void fetch(String taskId, OutputStream svg) throws Exception {
    var request = GetSvgRequest.newBuilder().setTaskId(taskId).build();
    var pieces = ClientCalls.blockingV2ServerStreamingCall(channel, SVG, within(60), request);
    while (pieces.hasNext()) {
      pieces.read().getData().writeTo(svg);
    }
  }

  /** Returns an error's reason, which is for programs, and its message, for people. */
  private static String explained(StatusException error) throws Exception {
    for (var detail : StatusProto.fromThrowable(error).getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        return detail.unpack(ErrorInfo.class).getReason() + ": " + error.getStatus().getDescription();
      }
    }
    return error.getStatus().getCode() + ": " + error.getStatus().getDescription();
  }

  private static CallOptions within(int seconds) {
    return CallOptions.DEFAULT.withDeadlineAfter(seconds, TimeUnit.SECONDS);
  }

  private static ByteString sha256(byte[] data) throws Exception {
    return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(data));
  }

  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> method(
      MethodDescriptor.MethodType type, String name, Q request, A answer) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(type)
        .setFullMethodName("facesvg.v1.GatewayService/" + name)
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(answer))
        .build();
  }
}

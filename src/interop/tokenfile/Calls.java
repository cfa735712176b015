import com.google.common.util.concurrent.ListenableFuture;
import com.google.gson.JsonParser;
import com.google.protobuf.Empty;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Calls a target with the token in a file, as often as each line of standard input says; prints the status codes. */
public final class Calls {
  private Calls() {}

  public static void main(String[] arguments) throws Exception {
    ChannelCredentials credentials =
        arguments[2].equals("tls") ? TlsChannelCredentials.create() : InsecureChannelCredentials.create();
    ManagedChannel channel = Grpc.newChannelBuilder("dns:///" + arguments[0], credentials).build();
    CallOptions options = CallOptions.DEFAULT.withCallCredentials(new TokenFile(Path.of(arguments[1])));
    MethodDescriptor<Empty, Empty> method =
        MethodDescriptor.<Empty, Empty>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("acme.Target/Call")
            .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .build();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      int times = JsonParser.parseString(line).getAsJsonObject().get("times").getAsInt();
      List<ListenableFuture<Empty>> calls = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        calls.add(
            ClientCalls.futureUnaryCall(
                channel.newCall(method, options.withDeadlineAfter(20, TimeUnit.SECONDS)), Empty.getDefaultInstance()));
      }
      TreeSet<Integer> codes = new TreeSet<>();
      for (ListenableFuture<Empty> call : calls) {
        try {
          call.get();
          codes.add(0);
        } catch (ExecutionException failed) {
          codes.add(Status.fromThrowable(failed).getCode().value());
        }
      }
      System.out.println("{\"codes\":\"" + codes + "\"}");
    }
  }
}

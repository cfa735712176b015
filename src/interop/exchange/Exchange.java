import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.tokenbroker.v1.*;
import io.grpc.*;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Requests a token, and prints how long it lives, or why there is none. */
public final class Exchange {
  private Exchange() {}

  static void explain(StatusRuntimeException refused) throws Exception {
    System.err.println(refused.getMessage());
    Status status = StatusProto.fromThrowable(refused);
    if (status == null) {
      return; // the broker has not answered
    }
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        ErrorInfo info = detail.unpack(ErrorInfo.class);
        System.err.println(info.getReason() + " " + info.getMetadataOrDefault("verdict_id", "without a verdict"));
      } else if (detail.is(RetryInfo.class)) {
        System.err.println("retry after " + detail.unpack(RetryInfo.class).getRetryDelay().getSeconds() + " s");
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, ?> serviceConfig =
        new Gson().fromJson(Files.readString(Path.of("service-config.json")), new TypeToken<Map<String, ?>>() {});
    ManagedChannel channel =
        Grpc.newChannelBuilder("dns:///" + arguments[0], TlsChannelCredentials.create())
            .defaultServiceConfig(serviceConfig)
            .enableRetry()
            .build();
    try {
      ExchangeTokenRequest request =
          ExchangeTokenRequest.newBuilder()
              .setAudience(arguments[1])
              .setSubjectToken(Files.readString(Path.of("credential.jwt")).strip())
              .build();
      ExchangeTokenResponse token =
          TokenBrokerGrpc.newBlockingStub(channel)
              .withDeadlineAfter(5, TimeUnit.SECONDS)
              .exchangeToken(request);
      System.out.println("a token until " + token.getExpireTime().getSeconds());
    } catch (StatusRuntimeException refused) {
      explain(refused);
      System.exit(1);
    } finally {
      channel.shutdownNow();
    }
  }
}

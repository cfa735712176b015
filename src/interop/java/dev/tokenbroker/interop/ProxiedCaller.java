package dev.tokenbroker.interop;

import dev.tokenbroker.edges.grpc.BrokerClient;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A caller of a broker behind a proxy: grpc-java with the service config of clients.md, and the
 * JDK's HTTP client. It connects from an address of its own, and lies about it in a header.
 */
record ProxiedCaller(InteropBroker broker) {

  /** The address that it connects from. */
  static final String ADDRESS = "127.0.0.2";

  /** The address that it claims to have. */
  static final String CLAIMED = "203.0.113.9";

  private static final String FORWARDED_FOR = "X-Forwarded-For";

  /** A client over a channel of its own, which is to be closed. */
  BrokerClient client() {
    return BrokerClient.over(channel());
  }

  private ManagedChannel channel() {
    Metadata claimed = new Metadata();
    claimed.put(Metadata.Key.of(FORWARDED_FOR, Metadata.ASCII_STRING_MARSHALLER), CLAIMED);
    return builder(broker.port())
        .defaultServiceConfig(serviceConfig())
        .enableRetry()
        .intercept(MetadataUtils.newAttachHeadersInterceptor(claimed))
        .build();
  }

  /** A channel that repeats no call, by a proxy at that port; it is to be closed. */
  ManagedChannel onceOnlyChannel(int port) {
    return builder(port).disableRetry().build();
  }

  private NettyChannelBuilder builder(int port) {
    try {
      return NettyChannelBuilder.forTarget(
              "dns:///localhost:" + port,
              TlsChannelCredentials.newBuilder().trustManager(broker.root().toFile()).build())
          .localSocketPicker(new FromAddress());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  HttpResponse<String> exchange(String credential) {
    Map<String, String> form =
        Map.of(
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:jwt",
            "subject_token",
            credential,
            "audience",
            InteropFederation.TARGET);
    String body =
        form.entrySet().stream()
            .map(
                parameter ->
                    parameter.getKey()
                        + "="
                        + URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return send(
        HttpRequest.newBuilder(uri("/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header(FORWARDED_FOR, CLAIMED)
            .header("Forwarded", "for=" + CLAIMED)
            .POST(BodyPublishers.ofString(body)));
  }

  HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  private URI uri(String path) {
    return URI.create(broker.url() + path);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(broker.trust()).localAddress(address()).build()) {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** grpc-java takes numbers as Double only. */
  private static Map<String, Object> serviceConfig() {
    return Documented.patientServiceConfig().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> withDoubles(entry.getValue())));
  }

  private static Object withDoubles(Object value) {
    return switch (value) {
      case Map<?, ?> object ->
          object.entrySet().stream()
              .collect(Collectors.toMap(Map.Entry::getKey, entry -> withDoubles(entry.getValue())));
      case List<?> list -> list.stream().map(ProxiedCaller::withDoubles).toList();
      case Number number -> number.doubleValue();
      default -> value;
    };
  }

  private static InetAddress address() {
    try {
      return InetAddress.getByName(ADDRESS);
    } catch (UnknownHostException broken) {
      throw new AssertionError(broken);
    }
  }

  /** Binds each connection to {@link #ADDRESS}. */
  private static final class FromAddress extends NettyChannelBuilder.LocalSocketPicker {

    @Override
    public SocketAddress createSocketAddress(SocketAddress remote, Attributes attributes) {
      return new InetSocketAddress(address(), 0);
    }
  }
}

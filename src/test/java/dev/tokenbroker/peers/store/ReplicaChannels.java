package dev.tokenbroker.peers.store;

import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Channels that spread calls over several ports of loopback, by the policy of {@code
 * src/docs/use/clients.md}: round robin, and retries by gRPC. Closing them forgets the ports.
 */
final class ReplicaChannels extends NameResolverProvider implements AutoCloseable {

  private static final String SCHEME = "replicas";

  /** As in src/docs/use/clients.md; the deadline is the caller's. */
  private static final Map<String, ?> POLICY =
      Map.of(
          "loadBalancingConfig",
          List.of(Map.of("round_robin", Map.of())),
          "methodConfig",
          List.of(
              Map.of(
                  "name",
                  List.of(Map.of("service", "tokenbroker.v1.TokenBroker")),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts",
                      3.0,
                      "initialBackoff",
                      "0.2s",
                      "maxBackoff",
                      "2s",
                      "backoffMultiplier",
                      2.0,
                      "retryableStatusCodes",
                      List.of("UNAVAILABLE", "RESOURCE_EXHAUSTED")))),
          "retryThrottling",
          Map.of("maxTokens", 10.0, "tokenRatio", 0.1));

  private final List<EquivalentAddressGroup> addresses;

  ReplicaChannels(List<Integer> ports) {
    this.addresses =
        ports.stream()
            .map(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .map(EquivalentAddressGroup::new)
            .toList();
    NameResolverRegistry.getDefaultRegistry().register(this);
  }

  ManagedChannel open() {
    return ManagedChannelBuilder.forTarget(SCHEME + ":///token-broker")
        .usePlaintext()
        .defaultServiceConfig(POLICY)
        .enableRetry()
        .build();
  }

  @Override
  public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
    return SCHEME.equals(target.getScheme()) ? new Ports() : null;
  }

  private final class Ports extends NameResolver {

    @Override
    public String getServiceAuthority() {
      return "localhost";
    }

    @Override
    public void start(Listener2 listener) {
      listener.onResult(
          ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(addresses)).build());
    }

    @Override
    public void shutdown() {
      // There is nothing to end.
    }
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 1; // less than DNS, which stays the default
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public void close() {
    NameResolverRegistry.getDefaultRegistry().deregister(this);
  }
}

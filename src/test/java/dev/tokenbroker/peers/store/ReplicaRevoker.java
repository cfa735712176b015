package dev.tokenbroker.peers.store;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.Patience;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** A service that revokes tokens at any replica, and asks all of them two seconds later. */
final class ReplicaRevoker {

  private static final Duration PROMISED = Duration.ofSeconds(2);

  private final Supplier<List<BrokerProcess>> replicas;
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicLong revoked = new AtomicLong();

  /**
   * @param replicas those that run now
   */
  ReplicaRevoker(Supplier<List<BrokerProcess>> replicas) {
    this.replicas = replicas;
  }

  /**
   * Revokes a token and checks that no replica calls it active later.
   *
   * @param service a token that may revoke and introspect
   */
  void revoke(String service, String token) {
    boolean done =
        ReplicaVerifiers.listening(replicas.get()).stream()
            .map(replica -> post(replica, "/revoke", service, token))
            .anyMatch(answer -> answer.isPresent() && answer.get().statusCode() == 200);
    if (!done) {
      return; // no replica has promised anything
    }
    revoked.incrementAndGet();
    List<BrokerProcess> later =
        Patience.after(PROMISED, () -> ReplicaVerifiers.listening(replicas.get()));
    for (BrokerProcess replica : later) {
      post(replica, "/introspect", service, token)
          .map(HttpResponse::body)
          .filter(body -> body.contains("\"active\":true"))
          .ifPresent(_ -> failures.add("a revoked token is active"));
    }
  }

  /** How many tokens were revoked. */
  long revoked() {
    return revoked.get();
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Empty where the replica does not answer, since it stops. */
  private Optional<HttpResponse<String>> post(
      BrokerProcess replica, String path, String service, String token) {
    try {
      return Optional.of(
          Http.post(replica.uri(path), "token=" + token, "Authorization", "Bearer " + service));
    } catch (UncheckedIOException gone) {
      return Optional.empty();
    }
  }
}

package dev.tokenbroker.peers.oauth;

import io.quarkus.oidc.client.OidcClient;
import io.quarkus.oidc.client.Tokens;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A client whose provider answers what a test wants. */
final class FakeOidcClient implements OidcClient {

  private final AtomicInteger requests = new AtomicInteger();
  private volatile Supplier<Uni<Tokens>> answer = () -> token("own", 60);

  /** A token with that life in seconds. */
  static Uni<Tokens> token(String value, int expiresIn) {
    JsonObject response = new JsonObject().put("expires_in", String.valueOf(expiresIn));
    return Uni.createFrom().item(new Tokens(value, 0L, null, null, null, response, "broker"));
  }

  void answer(Supplier<Uni<Tokens>> script) {
    answer = script;
  }

  int requests() {
    return requests.get();
  }

  @Override
  public Uni<Tokens> getTokens(Map<String, String> parameters) {
    requests.incrementAndGet();
    return answer.get();
  }

  @Override
  public Uni<Tokens> refreshTokens(String token, Map<String, String> parameters) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Uni<Boolean> revokeAccessToken(String token, Map<String, String> parameters) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}

package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import io.quarkus.oidc.client.OidcClient;
import io.quarkus.oidc.client.Tokens;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/**
 * Where a client gets its tokens.
 *
 * @param name the name of the client, {@code quarkus.oidc-client.NAME}
 * @param client makes an OIDC client of the settings
 * @param fault why there is no credential to present to the provider; empty if there is one
 */
record Provider(String name, Supplier<Uni<OidcClient>> client, Supplier<String> fault) {

  /**
   * Throws if there is nothing to present to the provider. The client would report the same as for
   * a provider that is down.
   *
   * @throws NoOwnToken with {@code OWN_TOKEN_REFUSED}
   */
  void requireCredential() {
    String found = fault.get();
    if (!found.isEmpty()) {
      throw new NoOwnToken(
          Refusal.of(RefusalReason.OWN_TOKEN_REFUSED).seen("not asked; " + found), null);
    }
  }

  /**
   * Requests tokens, by an OIDC client of its own. So each request reads the credential and the
   * trust anchors anew, and none uses a connection that the provider is about to close. Whatever
   * ends the request also closes its connection: the OIDC client alone would read on for as long as
   * the provider sends.
   */
  Uni<Tokens> tokens() {
    return Uni.createFrom()
        .deferred(client::get)
        .flatMap(made -> made.getTokens().onTermination().invoke(() -> Provider.close(made)));
  }

  private static void close(OidcClient made) {
    try {
      made.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}

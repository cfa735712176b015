package dev.tokenbroker.oidc;

import io.quarkus.oidc.client.OidcClients;
import io.quarkus.oidc.client.runtime.OidcClientConfig;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.quarkus.oidc.common.runtime.config.OidcClientCommonConfig.Credentials.Jwt;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;

/** The providers of the clients that the settings name and enable, by name. */
@Singleton
final class Providers {

  private final List<Provider> all;

  @Inject
  Providers(OidcClientsConfig settings, OidcClients clients) {
    this(
        settings.namedClients().entrySet().stream()
            .filter(named -> !named.getKey().equals(OidcClientsConfig.DEFAULT_CLIENT_KEY))
            .filter(named -> named.getValue().clientEnabled())
            .sorted(Map.Entry.comparingByKey())
            .map(named -> provider(named.getKey(), named.getValue(), clients))
            .toList());
  }

  Providers(List<Provider> all) {
    this.all = List.copyOf(all);
  }

  List<Provider> all() {
    return all;
  }

  private static Provider provider(String name, OidcClientConfig config, OidcClients clients) {
    Jwt jwt = config.credentials().jwt();
    return new Provider(
        name,
        clients.getClient(name),
        jwt.source() == Jwt.Source.BEARER ? jwt.tokenPath().orElse(null) : null);
  }
}

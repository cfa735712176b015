package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.jose.CompactJws;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.peers.trust.DefaultTls;
import io.quarkus.oidc.client.OidcClientConfigBuilder;
import io.quarkus.oidc.client.OidcClients;
import io.quarkus.oidc.client.runtime.OidcClientConfig;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.quarkus.oidc.common.runtime.config.OidcClientCommonConfig.Credentials;
import io.quarkus.oidc.common.runtime.config.OidcClientCommonConfig.Credentials.Jwt;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The providers of the clients that the settings name and enable, by name. */
@Singleton
final class Providers {

  private static final int MAX_FILE_BYTES = 32 * 1024;

  /** The TLS configuration of a client that names none. */
  private static final String DEFAULT_TLS = "token-broker-own-tokens";

  private final List<Provider> all;

  @Inject
  Providers(
      OidcClientsConfig settings, OidcClients clients, SecretFiles secrets, DefaultTls defaultTls) {
    this(
        settings.namedClients().entrySet().stream()
            .filter(named -> !named.getKey().equals(OidcClientsConfig.DEFAULT_CLIENT_KEY))
            .filter(named -> named.getValue().clientEnabled())
            .sorted(Map.Entry.comparingByKey())
            .map(named -> provider(named.getKey(), named.getValue(), clients, secrets))
            .toList());
    defaultTls.register(DEFAULT_TLS);
  }

  Providers(List<Provider> all) {
    this.all = List.copyOf(all);
  }

  List<Provider> all() {
    return all;
  }

  private static Provider provider(
      String name, OidcClientConfig config, OidcClients clients, SecretFiles secrets) {
    return new Provider(
        name,
        () -> clients.newClient(trusting(config)),
        () -> fault(config.credentials(), secrets));
  }

  private static OidcClientConfig trusting(OidcClientConfig config) {
    return config.tls().tlsConfigurationName().isPresent()
        ? config
        : new OidcClientConfigBuilder(config).tlsConfigurationName(DEFAULT_TLS).build();
  }

  /** The client would report a missing credential like a provider that is down. */
  private static String fault(Credentials credentials, SecretFiles secrets) {
    Jwt jwt = credentials.jwt();
    if (jwt.source() == Jwt.Source.BEARER) {
      return jwt.tokenPath().map(Providers::assertionFault).orElse("");
    }
    return credentials.clientSecret().provider().keyringName().map(secrets::fault).orElse("");
  }

  private static String assertionFault(Path file) {
    try {
      String text = new String(BoundedFile.read(file, MAX_FILE_BYTES), StandardCharsets.US_ASCII);
      return switch (CompactJws.parse(text.strip(), MAX_FILE_BYTES).then(CompactJws::claims)) {
        case Outcome.Accepted<Map<String, Object>>(var claims)
            when claims.get("exp") instanceof Number ->
            "";
        case Outcome.Accepted<Map<String, Object>> _ -> file + " has a signed JWT without exp";
        case Outcome.Refused<Map<String, Object>>(Refusal why) ->
            file + " has no signed JWT with exp. " + why.told().strip();
      };
    } catch (IOException unreadable) {
      return file + " cannot be read: " + BoundedFile.why(unreadable);
    }
  }
}

package dev.tokenbroker.edges.http.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.edges.http.token.WellKnownDocuments.ClientMethods;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.credential.RegisteredClients;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WellKnownDocumentsTest {

  private static final String ISSUER = "https://broker.example/sub";
  @TempDir Path directory;

  private static ClientMethods methods(RegisteredClients clients) {
    return new ClientMethods(
        Arrays.stream(ClientRight.values())
            .collect(Collectors.toMap(right -> right, clients::methods)),
        Set.of(SigningAlgorithm.ES256, SigningAlgorithm.RS256));
  }

  /** The key that comes is of another algorithm than the settings name for generated keys. */
  @Test
  void makes_verifiers_return_for_the_first_key_and_cache_nothing() throws IOException {
    Path file = directory.resolve("key.pem");
    TestTokenSettings settings = TestTokenSettings.defaults().withFiles(file);
    SigningKeys keys =
        new SigningKeys(
            settings, SignatureProvider.automatic(), Clocks.system(), ChangeListener.NONE);
    WellKnownDocuments documents =
        new WellKnownDocuments(keys, Optional::empty, settings, () -> ClientAuth.NONE);

    assertThat(all(documents))
        .allSatisfy(
            answer -> {
              assertThat(answer.getStatus()).isEqualTo(503);
              assertThat(answer.getHeaderString("Cache-Control")).isEqualTo("no-store");
              assertThat(answer.getHeaderString("Retry-After")).isEqualTo("5");
              assertThat(answer.getMediaType()).hasToString("application/problem+json");
            });

    Files.writeString(file, TestKeyFiles.pem(TestKeyFiles.rsa(2048).getPrivate()));
    keys.keepUp();

    assertThat(all(documents))
        .allSatisfy(
            answer -> {
              assertThat(answer.getStatus()).isEqualTo(200);
              assertThat(answer.getHeaderString("Cache-Control")).isEqualTo("public, max-age=300");
            });
    byte[] discovery = (byte[]) documents.discovery(null).getEntity();
    assertThat(
            new JsonObject(new String(discovery, StandardCharsets.UTF_8))
                .getJsonArray("id_token_signing_alg_values_supported"))
        .containsExactly("RS256");
  }

  private static List<Response> all(WellKnownDocuments documents) {
    return List.of(documents.json(null), documents.jwkSet("x"), documents.discovery("x"));
  }

  @Test
  void names_the_ways_of_the_clients_with_the_right() {
    RegisteredClients clients =
        RegisteredClients.of(
            List.of(
                new RegisteredClient(
                    "mesh",
                    new ClientProof.Certificates(Set.of("A".repeat(43))),
                    Set.of(ClientRight.INTROSPECT),
                    false),
                new RegisteredClient(
                    "gateway",
                    new ClientProof.SharedSecret(directory, new byte[32]),
                    Set.of(ClientRight.REVOKE),
                    false),
                new RegisteredClient(
                    "job",
                    new ClientProof.Federated("ci", "job"),
                    Set.of(ClientRight.EXCHANGE),
                    false)));

    assertThat(WellKnownDocuments.metadata(ISSUER, List.of("ES256"), methods(clients), true))
        .containsEntry("token_endpoint_auth_methods_supported", List.of("none", "private_key_jwt"))
        .containsEntry(
            "introspection_endpoint_auth_methods_supported",
            List.of("Bearer", "DPoP", "tls_client_auth"))
        .containsEntry(
            "revocation_endpoint_auth_methods_supported",
            List.of("Bearer", "DPoP", "client_secret_basic", "client_secret_post"));
  }

  @Test
  void announces_certificate_bound_tokens_if_callers_show_some() {
    assertThat(
            WellKnownDocuments.metadata(
                ISSUER, List.of("ES256"), methods(RegisteredClients.NONE), true))
        .containsEntry("tls_client_certificate_bound_access_tokens", true);
  }

  @Test
  void names_grants_and_client_authentication_with_algorithms() {
    assertThat(
            WellKnownDocuments.metadata(
                ISSUER, List.of("ES256"), methods(RegisteredClients.NONE), true))
        .containsEntry("grant_types_supported", GrantType.uris())
        .containsEntry("token_endpoint_auth_methods_supported", List.of("none", "private_key_jwt"))
        .containsEntry(
            "token_endpoint_auth_signing_alg_values_supported", List.of("RS256", "ES256"));
    assertThat(GrantType.uris()).contains("client_credentials");
  }
}

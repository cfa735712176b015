package dev.tokenbroker.edges.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.edges.http.WellKnownDocuments.ClientMethods;
import dev.tokenbroker.evaluate.revocation.AccessSettings;
import dev.tokenbroker.evaluate.revocation.TestAccess;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WellKnownDocumentsTest {

  private static final String ISSUER = "https://broker.example/sub";
  private static final AccessSettings TOKENS_ONLY =
      new TestAccess(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  private static final ClientMethods CLIENTS =
      new ClientMethods(
          List.of("none", "private_key_jwt"),
          Set.of(SigningAlgorithm.ES256, SigningAlgorithm.RS256));

  @TempDir Path directory;

  /** The key that comes is of another algorithm than the settings name for generated keys. */
  @Test
  void has_verifiers_come_back_for_the_first_key_and_keep_nothing_until_then() throws IOException {
    Path file = directory.resolve("key.pem");
    TestTokenSettings settings = TestTokenSettings.defaults().withFiles(file);
    SigningKeys keys =
        new SigningKeys(
            settings, SignatureProvider.automatic(), Clocks.system(), ChangeListener.NONE);
    WellKnownDocuments documents =
        new WellKnownDocuments(keys, Optional::empty, settings, TOKENS_ONLY, () -> ClientAuth.NONE);

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
  void names_certificates_only_where_some_are_let_in() {
    AccessSettings access =
        new TestAccess(
            Optional.of(List.of("A".repeat(43))),
            Optional.empty(),
            Optional.empty(),
            Optional.of(List.of("gateway=/run/secrets/gateway")));

    assertThat(WellKnownDocuments.metadata(ISSUER, List.of("ES256"), CLIENTS, access, true))
        .containsEntry(
            "introspection_endpoint_auth_methods_supported",
            List.of("Bearer", "DPoP", "tls_client_auth"))
        .containsEntry(
            "revocation_endpoint_auth_methods_supported",
            List.of("Bearer", "DPoP", "client_secret_basic", "client_secret_post"));
  }

  @Test
  void says_that_tokens_can_be_bound_to_certificates_where_callers_show_some() {
    assertThat(WellKnownDocuments.metadata(ISSUER, List.of("ES256"), CLIENTS, TOKENS_ONLY, true))
        .containsEntry("tls_client_certificate_bound_access_tokens", true);
  }

  @Test
  void names_the_grants_and_how_clients_authenticate_with_their_algorithms() {
    assertThat(WellKnownDocuments.metadata(ISSUER, List.of("ES256"), CLIENTS, TOKENS_ONLY, true))
        .containsEntry("grant_types_supported", GrantType.uris())
        .containsEntry("token_endpoint_auth_methods_supported", List.of("none", "private_key_jwt"))
        .containsEntry(
            "token_endpoint_auth_signing_alg_values_supported", List.of("RS256", "ES256"));
    assertThat(GrantType.uris()).contains("client_credentials");
  }
}

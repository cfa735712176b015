package dev.tokenbroker.interop;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import javax.security.auth.callback.Callback;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A client and a broker of Kafka with the settings that oauth-clients.md prints: the login and the
 * verifier as Kafka configures them, without a server between them.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaIT {

  private static final String PAGE = "use/oauth-clients.md";
  private static final String CREDENTIAL_FILE = "/var/run/secrets/broker/credential.jwt";
  private static final String MECHANISM = "OAUTHBEARER";
  private static final String RETRIEVER = "sasl.oauthbearer.jwt.retriever.class";
  private static final String PACKAGE = "org.apache.kafka.common.security.oauthbearer.";
  private static final String ALLOWED = "org.apache.kafka.sasl.oauthbearer.allowed.";

  /** The prefix of a broker's settings for one listener. */
  private static final String LISTENER = "listener.name.sasl_ssl.oauthbearer.";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final ClientKey key = ClientKey.generate();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private Path credential;

  @SuppressWarnings("NullAway.Init")
  private Path ownKey;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    String federation =
        key.registeredIn(InteropFederation.of(Map.of("good", issuer)), InteropFederation.TARGET);
    broker = InteropBroker.start(directory, federation, Map.of());
    credential = directory.resolve("credential.jwt");
    ownKey = Files.writeString(directory.resolve("own.pem"), key.pem());
    String endpoint = requireNonNull(client().get("sasl.oauthbearer.token.endpoint.url"));
    String keys = requireNonNull(verifier().get("sasl.oauthbearer.jwks.endpoint.url"));
    System.setProperty(ALLOWED + "urls", endpoint + "," + keys);
    System.setProperty(ALLOWED + "files", credential + "," + ownKey);
  }

  @AfterAll
  void stop() {
    System.clearProperty(ALLOWED + "urls");
    System.clearProperty(ALLOWED + "files");
    broker.close();
    issuer.close();
  }

  @ParameterizedTest
  @CsvSource({"ClientCredentialsJwtRetriever", "JwtBearerJwtRetriever"})
  void logs_in_with_a_credential_file_and_a_verifier_accepts_it(String retriever) throws Exception {
    Files.writeString(credential, issuer.credential() + "\n");

    OAuthBearerToken verified = requireNonNull(verified(login(by(retriever))).token());

    assertThat(verified.principalName()).isEqualTo("repo:acme/payments:ref:refs/heads/main");
    assertThat(verified.scope()).containsExactly("read");
  }

  @ParameterizedTest
  @CsvSource({
    "ClientCredentialsJwtRetriever, invalid_client",
    "JwtBearerJwtRetriever, invalid_grant"
  })
  void shows_why_the_login_is_refused(String retriever, String error) throws Exception {
    Files.writeString(
        credential,
        issuer.credential(claims -> claims.put("exp", Instant.now().getEpochSecond() - 3600)));

    assertThatThrownBy(() -> login(by(retriever)))
        .hasStackTraceContaining(error)
        .hasStackTraceContaining("CREDENTIAL_EXPIRED")
        .hasStackTraceContaining("will not attempt further retries");
  }

  @Test
  void reads_the_file_again_at_the_next_login() throws Exception {
    Files.writeString(credential, issuer.credential());
    AuthenticateCallbackHandler handler = handler("sasl.login.callback.handler.class", client());
    try {
      assertThat(token(handler).principalName()).startsWith("repo:acme/payments");

      Files.writeString(credential, issuer.credential(claims -> claims.put("sub", "another")));
      Files.setLastModifiedTime(credential, FileTime.from(Instant.now().plusSeconds(10)));

      assertThat(token(handler).principalName()).isEqualTo("another");
    } finally {
      handler.close();
    }
  }

  @Test
  void logs_in_with_a_key_of_its_own() throws Exception {
    Map<String, String> settings = client();
    settings.remove("sasl.oauthbearer.assertion.file");
    settings.putAll(
        Documented.settings(
            PAGE,
            "assertion.private.key.file",
            Map.of(Documented.ADDRESS, broker.url(), "/etc/kafka/client.pem", ownKey.toString())));

    OAuthBearerToken verified = requireNonNull(verified(login(settings)).token());

    assertThat(verified.principalName()).isEqualTo("client:" + ClientKey.CLIENT);
  }

  @Test
  void a_verifier_refuses_a_token_for_another_service() throws Exception {
    Files.writeString(credential, issuer.credential());
    Map<String, String> settings = client();
    String other = broker.url() + "/token?resource=https%3A%2F%2Forders.example%2Fapi";
    settings.put("sasl.oauthbearer.token.endpoint.url", other);
    String allowed = System.getProperty(ALLOWED + "urls");
    System.setProperty(ALLOWED + "urls", allowed + "," + other);

    assertThat(verified(login(settings)).errorStatus()).isEqualTo("invalid_token");
  }

  private Map<String, String> by(String retriever) {
    Map<String, String> settings = client();
    settings.put(RETRIEVER, PACKAGE + retriever);
    return settings;
  }

  /** The settings of a client, as printed but for addresses, files and trust. */
  private Map<String, String> client() {
    return printed(
        "sasl.oauthbearer.assertion.file=", Map.of(CREDENTIAL_FILE, credential.toString()));
  }

  /** The settings of a broker of Kafka, as those of one listener. */
  private Map<String, String> verifier() {
    Map<String, String> settings = new HashMap<>();
    printed("jwks.endpoint.url", Map.of())
        .forEach((name, value) -> settings.put(name.replace(LISTENER, ""), value));
    return settings;
  }

  private Map<String, String> printed(String text, Map<String, String> more) {
    Map<String, String> changes = new HashMap<>(more);
    changes.put(Documented.ADDRESS, broker.url());
    changes.put(
        "required;",
        "required ssl.truststore.type=\"PEM\" ssl.truststore.location=\"%s\";"
            .formatted(broker.root()));
    return Documented.settings(PAGE, text, changes);
  }

  private static OAuthBearerToken login(Map<String, String> settings) throws Exception {
    AuthenticateCallbackHandler handler = handler("sasl.login.callback.handler.class", settings);
    try {
      return token(handler);
    } finally {
      handler.close();
    }
  }

  private static OAuthBearerToken token(AuthenticateCallbackHandler handler) throws Exception {
    OAuthBearerTokenCallback wanted = new OAuthBearerTokenCallback();
    handler.handle(new Callback[] {wanted});
    return requireNonNull(wanted.token());
  }

  private OAuthBearerValidatorCallback verified(OAuthBearerToken token) throws Exception {
    OAuthBearerValidatorCallback presented = new OAuthBearerValidatorCallback(token.value());
    AuthenticateCallbackHandler handler = handler("sasl.server.callback.handler.class", verifier());
    try {
      handler.handle(new Callback[] {presented});
    } finally {
      handler.close();
    }
    return presented;
  }

  /** The handler that these settings name, with their values as Kafka parses them. */
  private static AuthenticateCallbackHandler handler(String setting, Map<String, String> settings)
      throws ReflectiveOperationException {
    ConfigDef sasl = new ConfigDef();
    SaslConfigs.addClientSaslSupport(sasl);
    Map<String, Object> configs = sasl.parse(settings);
    AuthenticateCallbackHandler handler =
        Utils.newInstance(requireNonNull(settings.get(setting)), AuthenticateCallbackHandler.class);
    handler.configure(
        configs, MECHANISM, JaasContext.loadClientContext(configs).configurationEntries());
    return handler;
  }
}

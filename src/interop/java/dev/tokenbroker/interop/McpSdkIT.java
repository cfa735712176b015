package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A workload and an MCP server with the MCP SDK in Node. The broker is the authorization server of
 * the MCP server. By SEP-1933 the credential is the assertion of a JWT grant, and {@code resource}
 * names the target. By the extension for client credentials it is the assertion of the client.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class McpSdkIT {

  private static final String TOOLS = "/mcp";
  private static final String OTHERS = "/others";

  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final ClientKey key = ClientKey.generate();
  private final HeldPort port = new HeldPort();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private InteropProgram program;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), SECRET);
    String federation =
        """
        issuers:
          - {name: good, issuer: '%s', audiences: ['%s', https://broker.example, https://broker.example/]}
        clients:
          - {name: gateway, secretFile: '%s', may: [exchange]}
        targets:
          - {audience: '%s', mint: {lifetime: 5m}}
        rules:
          - {name: tools, issuer: good, audience: '%4$s', when: claims.repository == "acme/payments", scopes: [read]}
        """
            .formatted(issuer.issuer(), FakeIssuer.AUDIENCE, secret, server(TOOLS));
    broker = InteropBroker.start(directory, key.registeredIn(federation, server(TOOLS)), Map.of());
    program = InteropProgram.node("mcp.mjs", broker);
    program.ask("listen", Map.of("port", port.number(), "path", TOOLS, "broker", broker.url()));
  }

  @AfterAll
  void stop() {
    program.close();
    broker.close();
    port.close();
    issuer.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"class WorkloadIdentity", "new PrivateKeyJwtProvider"})
  void the_providers_are_those_of_the_page(String text) throws IOException {
    assertThat(Files.readString(Path.of("src", "interop", "node", "mcp.mjs")))
        .contains(Documented.block("use/targets/mcp.md", "js", text));
  }

  @Test
  void a_workload_calls_a_tool_with_the_token_for_its_credential() {
    assertThat(call(TOOLS, issuer.credential()).text("said"))
        .isEqualTo("repo:acme/payments:ref:refs/heads/main read");
  }

  @Test
  void a_workload_calls_a_tool_by_client_credentials() {
    assertThat(call(TOOLS, "credential", issuer.credential()).text("said"))
        .isEqualTo("repo:acme/payments:ref:refs/heads/main read");
  }

  @Test
  void an_agent_calls_a_tool_with_a_key_of_its_own() {
    assertThat(call(TOOLS, "key", key.pem()).text("said"))
        .isEqualTo("client:" + ClientKey.CLIENT + " read");
  }

  /** A secret says which client calls, and nothing about a workload. */
  @Test
  void a_secret_alone_gets_no_token() {
    assertThat(call(TOOLS, "secret", SECRET).text("code")).isEqualTo("unauthorized_client");
    assertThat(call(TOOLS, "secret", "wrong-" + SECRET).text("code")).isEqualTo("invalid_client");
  }

  @Test
  void a_refused_client_sees_the_error_of_its_grant() {
    String expired =
        issuer.credential(claims -> claims.put("exp", Instant.now().getEpochSecond() - 3600));
    String stranger = issuer.credential(claims -> claims.put("repository", "acme/orders"));

    assertThat(call(TOOLS, "credential", expired).text("code")).isEqualTo("invalid_client");
    assertThat(call(TOOLS, "credential", stranger).text("code")).isEqualTo("unauthorized_client");
    assertThat(call(TOOLS, "key", ClientKey.generate().pem()).text("code"))
        .isEqualTo("invalid_client");
  }

  /** SEP-1933: the assertion is for the authorization server's issuer identifier. */
  @Test
  void an_assertion_names_the_broker_with_or_without_a_slash() {
    for (String audience : new String[] {"https://broker.example", "https://broker.example/"}) {
      String assertion = issuer.credential(claims -> claims.put("aud", audience));

      assertThat(call(TOOLS, assertion).text("said")).as(audience).endsWith(" read");
    }
  }

  @Test
  void a_refused_workload_sees_the_error_of_rfc_7523() {
    String expired =
        issuer.credential(claims -> claims.put("exp", Instant.now().getEpochSecond() - 3600));
    String stranger = issuer.credential(claims -> claims.put("repository", "acme/orders"));

    assertThat(call(TOOLS, expired).text("code")).isEqualTo("invalid_grant");
    assertThat(call(TOOLS, stranger).text("code")).isEqualTo("unauthorized_client");
  }

  @Test
  void the_server_refuses_a_token_for_another_one() {
    Answer refused = call(OTHERS, issuer.credential());

    assertThat(refused.text("said")).isEmpty();
    assertThat(refused.text("failed")).isNotEmpty();
  }

  private String server(String path) {
    return "http://localhost:" + port.number() + path;
  }

  private Answer call(String path, String credential) {
    return call(path, "workload", credential);
  }

  private Answer call(String path, String provider, String credential) {
    return program.ask(
        "call",
        Map.of(
            "server",
            server(path),
            "broker",
            broker.url(),
            "provider",
            provider,
            "credential",
            credential));
  }
}

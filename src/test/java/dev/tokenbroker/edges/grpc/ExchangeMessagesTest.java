package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.ClientExchange;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client of a gRPC call, by documents with and without clients. */
class ExchangeMessagesTest {

  private static final TestKey KEY = TestKey.fast("k-1");
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final TestClock clock = new TestClock();

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {"Basic YTpi", "basic YTpi", "Basic !", "Basic ", "Basic Og==", "Bearer x"})
  void basic_metadata_counts_only_if_clients_are_registered(String header) throws IOException {
    assertThat(ClientExchange.isIssued(exchange("", header))).isTrue();

    Exchanged withClients = exchange("clients: [{name: mesh, certificates: ['%s']}]", header);
    if (header.startsWith("Bearer")) {
      assertThat(ClientExchange.isIssued(withClients)).isTrue();
    } else {
      assertThat(withClients.verdict().reason()).isEqualTo(RefusalReason.CLIENT_UNAUTHENTICATED);
    }
  }

  private Exchanged exchange(String clients, String header) throws IOException {
    Path document =
        Files.writeString(
            directory.resolve("federation.yaml"),
            """
            issuers:
              - {name: people, issuer: '%s', audiences: ['%s'], jwks: {keys: [%s]}}
            targets: [{audience: orders}]
            rules: [{name: open, issuer: people, audience: orders, when: 'true'}]
            """
                    .formatted(
                        TestCredential.ISSUER,
                        TestCredential.AUDIENCE,
                        JSONObjectUtils.toJSONString(KEY.jwk()))
                + clients.formatted("A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"));
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, header);
    Caller caller =
        new Caller(
            "192.0.2.7", false, null, null, headers, new CallTime(null, Duration.ofSeconds(10)));
    ExchangeTokenRequest message =
        ExchangeTokenRequest.newBuilder()
            .setAudience("orders")
            .setSubjectToken(TestCredential.of(KEY).sign())
            .build();
    return new ClientExchange(document, clock).exchange(ExchangeMessages.request(message, caller));
  }
}

package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.grpc.BrokerClient.Answer;
import dev.tokenbroker.grpc.MutualTls.Party;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.upstream.TestTls;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import io.grpc.Status.Code;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The broker behind mutual TLS, and certificates that change while it runs. */
@QuarkusTest
@TestProfile(MutualTls.class)
class TlsTest {

  @Inject Federations federations;

  @TestHTTPResource(tls = true)
  URI url;

  private final FakeIssuer issuer = FakeIssuer.start();

  @BeforeEach
  void start() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
  }

  @AfterEach
  void stop() {
    issuer.close();
  }

  @Test
  void exchanges_with_a_caller_that_has_a_certificate() {
    assertThat(eventuallyGranted(Party.onDisk()).getAccessToken()).isNotEmpty();
  }

  @Test
  void lets_nobody_in_without_a_certificate() {
    eventuallyGranted(Party.onDisk());

    assertThat(exchange(Party.onDisk().anonymous()).code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void lets_nobody_in_with_a_certificate_of_another_authority() {
    eventuallyGranted(Party.onDisk());

    assertThat(exchange(Party.onDisk().certifiedBy(TestTls.generate())).code())
        .isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void shows_a_new_certificate_to_new_connections_without_a_restart() {
    Party before = Party.onDisk();
    eventuallyGranted(before);
    try (BrokerClient standing = before.connect(url.getPort())) {
      Eventually.see(() -> standing.exchange(request()), answer -> answer.code() == Code.OK)
          .granted();

      MutualTls.serverFrom(TestTls.generate());

      eventuallyGranted(Party.onDisk());
      assertThat(exchange(before).code()).isEqualTo(Code.UNAVAILABLE);
      standing.exchange(request()).granted();
    }
  }

  @Test
  void trusts_a_new_authority_of_callers_and_no_longer_the_old_one_without_a_restart() {
    Party before = Party.onDisk();
    eventuallyGranted(before);

    MutualTls.clientsFrom(TestTls.generate());

    eventuallyGranted(Party.onDisk());
    assertThat(exchange(before).code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void still_asks_for_a_certificate_after_its_own_has_changed() {
    MutualTls.serverFrom(TestTls.generate());
    eventuallyGranted(Party.onDisk());

    assertThat(exchange(Party.onDisk().anonymous()).code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void keeps_the_last_good_certificate_when_the_new_one_cannot_be_read() {
    Party before = Party.onDisk();
    eventuallyGranted(before);

    MutualTls.breakServerCertificate();

    for (int at = 0; at < 5; at++) {
      Patience.after(Duration.ofMillis(300), () -> eventuallyGranted(before));
    }
    MutualTls.serverFrom(TestTls.generate());
    eventuallyGranted(Party.onDisk());
  }

  // While the server takes new certificates in, it turns a connection away now and then.
  private ExchangeTokenResponse eventuallyGranted(Party party) {
    return Eventually.see(() -> exchange(party), answer -> answer.code() == Code.OK).granted();
  }

  private Answer exchange(Party party) {
    try (BrokerClient client = party.connect(url.getPort())) {
      return client.exchange(request());
    }
  }

  private ExchangeTokenRequest request() {
    return ExchangeTokenRequest.newBuilder()
        .setAudience("payments-api")
        .setSubjectToken(issuer.credential())
        .build();
  }
}

package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.AuditLines;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.GrpcPort;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who the audit log says has called, where a proxy that the settings believe stands before us. */
@QuarkusTest
@TestProfile(ProxyProfile.class)
class ForwardedPeerLiveTest {

  private static final String HEADER = "X-Forwarded-For";
  private static final String CLIENT = "203.0.113.7";
  private static final String PEER = "\"peer\":\"" + CLIENT + "\"";

  @Inject Federations federations;
  @TestHTTPResource URI url;

  @Test
  void is_the_same_for_both_edges() {
    try (FakeIssuer issuer = FakeIssuer.start();
        AuditLines audit = new AuditLines();
        BrokerClient grpc = BrokerClient.plaintext(GrpcPort.current());
        TokenClient http = new TokenClient(url, HttpClient.Version.HTTP_1_1)) {
      new TestFederation().issuer("good", issuer.issuer()).load(federations);

      grpc.exchange(
              BrokerClient.exchangeOf("payments-api", issuer.credential()), HEADER, List.of(CLIENT))
          .granted();
      assertThat(
              http.post(
                      TokenClient.exchangeOf(issuer.credential()),
                      request -> request.header(HEADER, CLIENT))
                  .status())
          .isEqualTo(200);

      assertThat(audit.with(PEER))
          .satisfiesExactlyInAnyOrder(
              line -> assertThat(line).contains("\"edge\":\"grpc\""),
              line -> assertThat(line).contains("\"edge\":\"http\""));
    }
  }
}

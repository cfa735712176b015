package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.operate.changes.ComparisonNow;
import dev.tokenbroker.operate.changes.Correlation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Claims of another shape, from an issuer on loopback to the timeline. */
@QuarkusTest
class ClaimShapeChangesLiveTest {

  private static final int LEARNED = 50;
  private static final String JOINED = "NO_RULE_MATCHED of shaped rose";

  @Inject Federations federations;
  @Inject Correlation correlation;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private final FakeIssuer operators = FakeIssuer.start();
  @AutoClose private BrokerClient client;

  @BeforeEach
  void start() {
    new TestFederation()
        .issuer("shaped", issuer.issuer())
        .issuer("operators", operators.issuer())
        .rule(
            "deploy",
            "shaped",
            "orders",
            "claims.sub.startsWith('repo:acme/') || claims.sub.contains('canary')")
        .rule("operating", "operators", "token-broker", "claims.sub != ''")
        .load(federations);
    client = BrokerClient.plaintext(GrpcPort.current());
  }

  @Test
  void joins_refusals_to_a_subject_with_ids_and_not_to_a_forged_one() {
    for (int at = 0; at < LEARNED; at++) {
      assertThat(exchange(credential("repo:acme/app:ref:refs/heads/b-" + at)).token()).isNotNull();
    }
    String[] other = credential("repo:acme@1/app@2:pull_request").split("\\.", -1);
    for (int at = 0; at < 20; at++) {
      String[] good = credential("repo:acme/app:ref:refs/heads/x-" + at).split("\\.", -1);
      assertThat(exchange(good[0] + "." + other[1] + "." + good[2]).reason())
          .isEqualTo("SIGNATURE_INVALID");
    }
    // What comes after the forged ones is seen, so they would have been.
    assertThat(exchange(credential("repo:acme@1/canary@3:ref:refs/heads/main")).token())
        .isNotNull();
    assertThat(Eventually.see(this::events, seen -> !seen.isEmpty())).hasSize(1);
    for (int at = 0; at < 20; at++) {
      assertThat(exchange(credential("repo:acme@1/app@2:ref:refs/heads/b-" + at)).reason())
          .isEqualTo("NO_RULE_MATCHED");
    }
    ComparisonNow.by(correlation);

    assertThat(Eventually.see(this::events, seen -> seen.toString().contains(JOINED)))
        .singleElement()
        .asString()
        .contains(
            "\"was\":\"sub: <name>:<name>:<name>:<name>\"",
            "\"is\":\"sub: <name>:<name>@<digits>:<name>:<name> (read by rules shaped-pays, deploy)\"",
            JOINED);
  }

  /** The events about the claims of the issuer, one JSON object each. */
  private List<String> events() {
    return changes()
        .lines()
        .filter(line -> line.contains("\"kind\":\"claim-shape-changed\""))
        .filter(line -> line.contains(issuer.issuer()))
        .toList();
  }

  private BrokerClient.Answer exchange(String credential) {
    return client.exchange(BrokerClient.exchangeOf("orders", credential));
  }

  private String credential(String subject) {
    return issuer.credential(claims -> claims.put("sub", subject));
  }

  private String changes() {
    String token = client.brokerToken(operators.credential(), "operate");
    return Http.get(url.resolve("/changes"), "Authorization", "Bearer " + token).body();
  }
}

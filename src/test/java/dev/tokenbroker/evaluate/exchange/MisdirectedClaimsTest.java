package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.SignedClaims;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The claims that a record has of a credential for another audience. */
class MisdirectedClaimsTest {

  @TempDir private Path directory;
  private final TestClock clock = new TestClock();
  private final SeededIssuer issuer = new SeededIssuer(1);
  private final List<ExchangeRecord> records = new ArrayList<>();
  private TokenExchange exchange;

  @BeforeEach
  void start() {
    exchange =
        TestExchange.by(
                TestExchange.federation(directory, issuer.federation(), clock),
                clock,
                List.of(records::add))
            .build();
  }

  @Test
  void are_those_that_the_issuer_signed() {
    ExchangeRecord record = record(credential("https://other.example"));

    assertThat(record.verdict().reason()).isEqualTo(RefusalReason.AUDIENCE_MISMATCH);
    assertThat(record.misdirected())
        .extracting(SignedClaims::values)
        .satisfies(claims -> assertThat(claims).containsEntry("sub", "repo:acme/payments"));
    assertThat(record.toString()).doesNotContain("repo:acme/payments");
  }

  @Test
  void are_none_of_a_forged_credential() {
    String[] parts = credential("https://other.example").split("\\.", -1);
    String forged =
        parts[0] + "." + parts[1] + "." + new SeededIssuer(2).sign("{}").split("\\.", -1)[2];
    ExchangeRecord record = record(forged);

    assertThat(record.verdict().reason()).isEqualTo(RefusalReason.SIGNATURE_INVALID);
    assertThat(record.misdirected()).isNull();
    assertThat(record.judged()).isNull();
  }

  @Test
  void are_none_of_a_credential_that_the_rules_judge() {
    ExchangeRecord record = record(issuer.credential("stranger/app"));

    assertThat(record.verdict().reason()).isEqualTo(RefusalReason.NO_RULE_MATCHED);
    assertThat(record.misdirected()).isNull();
    assertThat(record.judged())
        .extracting(judged -> judged.identity().claims().get("repository"))
        .isEqualTo("stranger/app");
  }

  private ExchangeRecord record(String credential) {
    TestExchange.exchange(exchange, request("orders", credential));
    return records.getFirst();
  }

  private String credential(String audience) {
    long now = TestClock.START.getEpochSecond();
    return issuer.sign(
        """
        {"iss":"%s","sub":"repo:acme/payments","aud":"%s","exp":%d,"iat":%d}"""
            .formatted(SeededIssuer.ISSUER, audience, now + 540, now - 60));
  }
}

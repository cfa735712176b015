package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.exchange.evaluation.DisclosedFacts;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict.Reader;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Credentials with a signature of a trusted issuer that no rule admits to any target. */
class StrangersTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(23);
  private static final String FOREIGN = "https://other.example";
  private static final String OWNED = "\"repository_owner_id\":\"72\",";

  private final TestClock clock = new TestClock();
  private final Verdicts verdicts =
      new Verdicts(
          Settings.of(ExchangeSettings.class, Map.of("token-broker.exchange.max-verdicts", "50")),
          clock);

  @TempDir Path directory;
  private Federation federation;
  private TokenExchange exchange;

  @BeforeEach
  void start() throws IOException {
    Files.writeString(directory.resolve("secret"), "0123456789abcdef0123456789abcdef");
    federation = federation("");
    exchange = TestExchange.following(() -> federation, clock, List.of(verdicts)).build();
  }

  /** A document with a client, whose rules admit anybody by it. */
  private Federation federation(String without) throws IOException {
    String clients = "clients:\n  - {name: low, secretFile: secret, may: [exchange]}\ntargets:\n";
    String document =
        ISSUER.federation().replace(without, "").replace("targets:\n", clients)
            + "  - {name: low-svc, client: low, issuer: acme, audience: orders, when: 'true'}\n"
            + "  - {name: watched, issuer: acme, audience: orders, when: 'true', shadow: true}\n";
    return ClientExchange.federation(
        Files.writeString(directory.resolve("federation.yaml"), document), clock);
  }

  private static String credential(String repository, String audience, String more) {
    return ISSUER.sign(
        """
        {"iss":"%s","sub":"repo:%s","aud":"%s","exp":%d,%s"repository":"%s"}"""
            .formatted(
                SeededIssuer.ISSUER,
                repository,
                audience,
                TestClock.START.getEpochSecond() + 540,
                more,
                repository));
  }

  private Verdict ask(String audience, String credential) {
    return TestExchange.exchange(exchange, request(audience, credential)).verdict();
  }

  private Verdict refused(String repository) {
    return ask("payments-api", credential(repository, SeededIssuer.AUDIENCE, ""));
  }

  @Test
  void flush_no_verdict_of_a_caller_that_a_rule_admits() {
    Verdict kept = refused("acme/else");
    assertThat(kept.reason()).isEqualTo(RefusalReason.NO_RULE_MATCHED);

    IntStream.range(0, 60)
        .forEach(at -> ask("payments-api", credential("evil/" + at, FOREIGN, "")));
    IntStream.range(0, 60).forEach(at -> refused("evil/" + at));

    assertThat(verdicts.find(kept.id())).isPresent();
    assertThat(verdicts.lastRefused(each -> !each.authentic())).hasSizeBetween(1, 50);
  }

  @ParameterizedTest
  @CsvSource({
    "payments-api, https://broker.example, NO_RULE_MATCHED",
    "payments-apy, https://broker.example, TARGET_UNKNOWN",
    "orders,       https://broker.example, CLIENT_NOT_ADMITTED",
    "orders,       https://other.example,  AUDIENCE_MISMATCH",
  })
  void learn_the_reason_and_the_id_alone(String target, String audience, RefusalReason reason) {
    Verdict verdict = ask(target, credential("evil/repo", audience, ""));

    assertThat(verdict.reason()).isEqualTo(reason);
    assertThat(verdict.authentic()).isFalse();
    assertThat(verdict.issuer()).as("operators see it all").isEqualTo("acme");
    assertThat(DisclosedFacts.of(verdict.disclosedTo(Reader.CALLER))).isEmpty();
    assertThat(DisclosedFacts.of(verdict.disclosedTo(Reader.OPERATOR))).containsKey("seen");
    Verdict known = ask(target, credential("acme/else", audience, ""));
    if (!known.accepted()) {
      assertThat(DisclosedFacts.of(known.disclosedTo(Reader.CALLER))).containsKey("seen");
    }
  }

  @Test
  void do_not_find_out_the_name_of_a_client() {
    for (String id : new String[] {"low", "nobody"}) {
      PresentedClient stated = new PresentedClient(id, null, "", "", false);
      for (String target : new String[] {"payments-api", "orders"}) {
        String stranger = credential("evil/repo", SeededIssuer.AUDIENCE, "");
        Verdict verdict =
            TestExchange.exchange(exchange, request(target, stranger, stated)).verdict();
        assertThat(verdict.reason())
            .isEqualTo(
                target.equals("orders")
                    ? RefusalReason.CLIENT_NOT_ADMITTED
                    : RefusalReason.NO_RULE_MATCHED);
      }
    }
  }

  @Test
  void are_no_callers_that_a_rule_admitted_before_it_was_removed() throws IOException {
    assertThat(refused("acme/payments").accepted()).isTrue();
    String owned = credential("acme/payments", SeededIssuer.AUDIENCE, OWNED);
    assertThat(ask("payments-api", owned).accepted()).isTrue();

    federation = federation(rules());

    Verdict verdict = refused("acme/payments");
    assertThat(verdict.reason()).isEqualTo(RefusalReason.NO_RULE_MATCHED);
    assertThat(verdict.authentic()).isTrue();
    assertThat(refused("acme/else").authentic()).isFalse();
    String renamed = credential("acme/payments", SeededIssuer.AUDIENCE, "").split("\\.", -1)[1];
    String payload = new String(Base64.getUrlDecoder().decode(renamed), UTF_8);
    String immutable = ISSUER.sign(payload.replace("repo:acme/payments", "repo:acme@1/payments@2"));
    assertThat(ask("payments-api", immutable).authentic()).as("by another subject").isTrue();
    String sibling = credential("acme/else", FOREIGN, OWNED);
    assertThat(ask("orders", sibling).authentic()).as("of a known owner").isTrue();
  }

  /** Both rules of {@link SeededIssuer#federation} that admit anybody. */
  private static String rules() {
    String document = ISSUER.federation();
    return document.substring(document.indexOf("  - name: deploy-payments"));
  }
}
